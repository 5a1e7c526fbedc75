"""What the demo's schools answer: skewed, uneven from ward to ward, with gaps and some over-marking.

Pure and repeatable: a school's answers depend on the seed, its code and the round alone.
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from survey_app.rules.framework import Framework, Indicator
from survey_app.rules.scoring import UnitFacts, site_values, why_not_applicable

# Facts of a school and how often the demo says yes; stage decides the rest.
COMMON_FACTS: Mapping[str, float] = {
    "ban_tru": 0.45,
    "noi_tru": 0.05,
    "bep_an": 0.4,
    "suat_an": 0.15,
    "can_tin": 0.6,
    "xe_dua_don": 0.08,
    "do_thuyen": 0.3,
    "ho_boi": 0.15,
    "nha_lau": 0.7,
    "phong_bo_mon": 0.8,
    "camera": 0.6,
    "hs_khuyet_tat": 0.5,
    "tre_khuyet_tat": 0.3,
    "hai_buoi": 0.7,
    "hoat_dong_ngoai": 0.6,
    "bua_an": 0.9,
    "ngu_trua": 0.85,
    "nhan_thuoc": 0.4,
}
COMMENTS: Mapping[int, tuple[str, ...]] = {
    0: ("Trường đã đề nghị cấp xã hỗ trợ kinh phí.", "Đang lập kế hoạch khắc phục trong học kỳ này."),
    1: (
        "Còn thiếu ở dãy phòng phía sau.",
        "Đã làm một phần, chưa ghi sổ đầy đủ.",
        "Mới thực hiện từ tháng trước.",
    ),
    2: ("Có sổ theo dõi, kiểm tra mỗi học kỳ.", "Đã thực hiện đủ, có biên bản.", "Thực hiện thường xuyên."),
    3: ("Kiểm tra mỗi tháng, hai năm học liền có sổ.", "Đã duy trì và cải tiến, có biên bản hằng tháng."),
}
LOWERED = (
    "Sổ tự kiểm tra chỉ có một số tháng, chưa đủ cả năm học.",
    "Ảnh minh chứng chụp từ năm học trước.",
    "Kiểm tra thực tế còn một chỗ chưa thực hiện như mô tả.",
    "Biên bản chưa có chữ ký của các thành phần.",
)
RAISED = ("Kiểm tra thực tế thấy trường làm tốt hơn tự đánh giá, có đủ sổ sách.",)


@dataclass(frozen=True)
class Character:
    """How a school is: `skill` 0–1 raises every level, `candour` is how rarely it claims too much."""

    skill: float
    candour: float


def chance_of(seed: int, *parts: object) -> random.Random:
    """The dice of one school in one round: the same for the same seed."""
    return random.Random("/".join(map(str, (seed, *parts))))


def character_of(seed: int, code: str, ward_code: str) -> Character:
    """A school's character: half its own, half its ward's."""
    own = chance_of(seed, "school", code)
    skill = 0.5 * _skill_of_ward(seed, ward_code) + 0.5 * own.betavariate(2.4, 1.0)
    return Character(skill, own.betavariate(6, 2))


@lru_cache(maxsize=4096)
def _skill_of_ward(seed: int, ward_code: str) -> float:
    return chance_of(seed, "ward", ward_code).betavariate(3, 1.4)


def make_profile(chance: random.Random, framework: Framework) -> dict[str, bool]:
    """Yes or no to every profile question of a set."""
    return {q.code: chance.random() < COMMON_FACTS.get(q.code, 0.5) for q in framework.profile}


def make_size(seed: int, code: str) -> dict[str, int]:
    """How many classes and pupils a school has: its own dice, so that no other number of the demo moves."""
    chance = chance_of(seed, "size", code)
    classes = round(chance.triangular(8, 32, 16))
    return {"classes": classes, "pupils": sum(chance.randint(24, 42) for _ in range(classes))}


@lru_cache(maxsize=1024)
def difficulty_of(seed: int, code: str) -> float:
    """How hard an indicator is everywhere: some are the weak spot of many schools."""
    return chance_of(seed, "indicator", code).betavariate(2, 5)


@dataclass(frozen=True)
class MadeAnswer:
    """One answer of a school, and what the authority will find there."""

    code: str
    site_id: int
    value: int
    found: int
    comment: str


def make_answers(
    framework: Framework, facts: UnitFacts, character: Character, chance: random.Random, seed: int
) -> Iterator[MadeAnswer]:
    """An answer at every place that applies, in the order of the set."""
    for code, indicator in framework.by_code.items():
        if why_not_applicable(indicator, facts):
            continue
        duty = DUTY if indicator.is_mandatory(facts.unit_type) else 0.0
        strength = character.skill - 0.5 * difficulty_of(seed, code) + duty
        for site in site_values(indicator, facts, {}):
            found = _level(chance, indicator, strength)
            yield MadeAnswer(
                code, site, _claim(chance, indicator, found, character), found, _words(chance, found)
            )


# How good a school must be for even odds of the first, second and third step up.
HURDLES = (-0.2, 0.32, 0.72)
STEEPNESS = 9.0
DUTY = 0.40  # what is mandatory is looked after first


def _level(chance: random.Random, indicator: Indicator, strength: float) -> int:
    """A value on the indicator's scale, one step at a time: each is harder than the one before."""
    hurdles = HURDLES if indicator.scale.highest > 1 else HURDLES[1:2]
    for value, hurdle in enumerate(hurdles):
        odds = math.exp(STEEPNESS * (strength - hurdle))
        if chance.random() > odds / (1 + odds):
            return value
    return len(hurdles)


def _claim(chance: random.Random, indicator: Indicator, found: int, character: Character) -> int:
    roll = chance.random()
    if roll > 0.82 + 0.16 * character.candour and found < indicator.scale.highest:
        return found + 1
    if roll < 0.01 and found > 0:
        return found - 1
    return found


def _words(chance: random.Random, value: int) -> str:
    return chance.choice(COMMENTS[min(value, 3)]) if chance.random() < 0.25 else ""


def reason_for(chance: random.Random, claimed: int, found: int) -> str:
    """Why the authority differs; empty when it does not."""
    if claimed == found:
        return ""
    return chance.choice(LOWERED if found < claimed else RAISED)
