"""What stands out of a school's result: a few nội dung beside its own share, nothing where all are alike."""

from dataclasses import replace

from survey_app.core.db import session
from survey_app.results.blocks import Block, blocks_of
from survey_app.results.strengths import MOST, strengths_of
from survey_app.rules.scoring import WHOLE_UNIT, score
from tests.factories.frameworks import plain_facts, plain_framework, plain_indicator
from tests.results.conftest import OWN, Site, shown

CODES = ("A", "B", "C", "D", "E", "F", "G", "H")


def blocks_with(*met: int, of: int = 4) -> list[Block]:
    """One nội dung of `of` indicators for each number, of which so many are confirmed as met."""
    areas = [
        (code, 10, [plain_indicator(f"{code}1.{n}") for n in range(1, of + 1)])
        for code, _ in zip(CODES, met, strict=False)
    ]
    framework, facts = plain_framework(areas), plain_facts()
    values = {
        (f"{code}1.{n}", WHOLE_UNIT): 2 if n <= count else 1
        for code, count in zip(CODES, met, strict=False)
        for n in range(1, of + 1)
    }
    own = score(framework, facts, dict.fromkeys(values, 3))
    return blocks_of(framework, own, score(framework, facts, values))


def names(*met: int, of: int = 4) -> tuple[str, str]:
    """The nội dung that stand out above and below, in order."""
    found = strengths_of(blocks_with(*met, of=of))
    assert found is not None
    strong, weak = ("".join(one.block.area.code for one in part) for part in (found.strong, found.weak))
    return strong, weak


def test_the_highest_and_the_lowest_stand_out_at_most_three_each_ties_in_the_sets_order() -> None:
    assert names(4, 1, 4, 0, 4, 4, 1, 1) == ("ACE", "DBG")
    assert MOST == 3


def test_what_is_as_the_whole_stands_nowhere() -> None:
    assert names(4, 3, 2) == ("A", "C")


def test_less_than_half_is_no_strength_to_name() -> None:
    assert names(1, 0, 0) == ("", "BC")
    assert names(2, 0, 0) == ("A", "BC")


def test_where_every_part_has_the_same_share_nothing_is_said() -> None:
    for same in (0, 2, 4):
        assert strengths_of(blocks_with(same, same, same)) is None


def test_a_claim_that_nobody_confirmed_is_no_strength() -> None:
    assert strengths_of([replace(block, verified=None) for block in blocks_with(4, 0)]) is None


def test_the_page_names_them_from_the_confirmed_values_whatever_side_it_shows(site: Site) -> None:
    own = OWN | {"LM1.1": 3}
    uid = shown(site, own)
    even = shown(site, OWN)
    session.commit()
    for path in (f"/results/forms/{uid}", f"/results/forms/{uid}?show=own"):
        text = site.page(path).partition('id="strengths-title"')[2].partition("</section>")[0]
        assert "đạt 2/2 tiêu chí (100%)" in text.partition("Cần cải thiện")[0]  # LM1
        weak = text.partition("Cần cải thiện")[2]
        assert "đạt 1/2 tiêu chí (50%); chưa đạt" in weak and '<a href="#line-AT1.1">' in weak
        assert "tỷ lệ chung của trường (75%)" in weak
    assert 'id="line-AT1.1"' in site.page(f"/results/forms/{uid}")
    assert "strengths-title" not in site.page(f"/results/forms/{even}")
