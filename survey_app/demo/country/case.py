"""One form of one school in one round: who acts on it, what it answers, what the rules say of that."""

import random
from dataclasses import dataclass, field
from functools import cached_property

from survey_app.core.db import stored_instant
from survey_app.demo.answers import (
    Character,
    MadeAnswer,
    chance_of,
    character_of,
    make_answers,
    make_profile,
)
from survey_app.demo.country.course import Course, choose_course
from survey_app.demo.country.scene import Department, FormSet, Person, RoundFacts, Scene
from survey_app.demo.country.schools import Spot, leader_of, officer_of
from survey_app.demo.country.tables import as_json, new_uid, uid_of
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import Scorecard, UnitFacts, score

FORGOTTEN = 0.04  # of the answers of a form that is not handed in
BETTER_EACH_YEAR = 0.03  # what a round's checking teaches the schools
EXCLUDED = 0.006  # of the forms have an excluding fact on record


@dataclass
class Entry:
    """One school in one round: what all its forms share."""

    scene: Scene
    department: Department
    round: RoundFacts
    spot: Spot
    participation_id: int
    uid: str
    profile: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def officer(self) -> Person:
        """The officer who checks."""
        officers = self.department.officers
        ward = self.spot.ward
        return (
            officer_of(self.scene, ward)
            if self.spot.of_commune
            else officers[self.spot.number % len(officers)]
        )

    @cached_property
    def leader(self) -> Person:
        """The leader who approves."""
        return leader_of(self.scene, self.spot.ward) if self.spot.of_commune else self.department.leader

    @property
    def reviewing_unit_id(self) -> int:
        """The unit that checks."""
        return self.spot.ward.unit_id if self.spot.of_commune else self.department.unit_id


@dataclass
class Case:
    """One form. `veto` is the code of an excluding fact on record, or ""; `card` what the school claims."""

    entry: Entry
    form_set: FormSet
    id: int
    uid: str
    chance: random.Random
    course: Course
    facts: UnitFacts
    made: tuple[MadeAnswer, ...]
    card: Scorecard
    veto: str
    with_evidence: set[str] = field(default_factory=set)

    @property
    def framework(self) -> Framework:
        """The criteria set of the form."""
        return self.form_set.framework

    @property
    def vetoes(self) -> tuple[str, ...]:
        """The excluding facts in force."""
        return (self.veto,) if self.veto else ()


def entry_of(scene: Scene, department: Department, round_: RoundFacts, spot: Spot) -> Entry:
    """A school as it takes part in a round."""
    order = len(scene.rounds) - 1 - round_.back
    participation_id = scene.bases.participation + 1 + order * scene.schools + spot.number
    uid = uid_of(scene.seed, "part", round_.back, spot.number)
    return Entry(scene, department, round_, spot, participation_id, uid)


def cases_of(entry: Entry) -> list[Case]:
    """The forms of a school in a round, one for each set that covers a stage of it; they share a profile."""
    scene, spot = entry.scene, entry.spot
    first = scene.bases.assessment + 1
    first += (entry.participation_id - scene.bases.participation - 1) * scene.most_forms
    begun = []
    for slot, form_set in enumerate(scene.sets_of(spot.kind.stages)):
        code = form_set.framework.code
        chance = chance_of(scene.seed, spot.code, entry.round.school_year, code)
        begun.append((first + slot, form_set, chance, choose_course(chance, entry.round)))
    for _, form_set, _, course in begun:
        if course.share is not None:
            facts = make_profile(chance_of(scene.seed, spot.code, "profile"), form_set.framework)
            entry.profile = facts | entry.profile
    return [_case(entry, *parts) for parts in begun]


def _case(entry: Entry, key: int, form_set: FormSet, chance: random.Random, course: Course) -> Case:
    spot, framework = entry.spot, form_set.framework
    facts = UnitFacts(
        stages=frozenset(spot.kind.stages) & form_set.stages,
        unit_type=spot.kind.unit_type,
        profile=dict(entry.profile),
        sites=spot.site_ids,
    )
    made = tuple(_answers(entry, framework, facts, course, chance))
    card = score(framework, facts, {(answer.code, answer.site_id): answer.value for answer in made})
    veto = _veto(framework, course, chance)
    return Case(entry, form_set, key, new_uid(chance), chance, course, facts, made, card, veto)


def _answers(
    entry: Entry, framework: Framework, facts: UnitFacts, course: Course, chance: random.Random
) -> list[MadeAnswer]:
    if not course.share:
        return []
    scene, round_, spot = entry.scene, entry.round, entry.spot
    born = character_of(scene.seed, spot.code, spot.ward.code)
    years = len(scene.rounds) - 1 - round_.back
    character = Character(born.skill + BETTER_EACH_YEAR * years, born.candour)
    made = list(make_answers(framework, facts, character, chance, scene.seed))
    if course.steps:
        return made
    return [answer for answer in made[: round(len(made) * course.share)] if chance.random() > FORGOTTEN]


def _veto(framework: Framework, course: Course, chance: random.Random) -> str:
    if not (framework.veto_kinds and course.steps) or chance.random() > EXCLUDED:
        return ""
    return chance.choice(framework.veto_kinds).code


def participation_row(entry: Entry) -> tuple[str | int | None, ...]:
    """The school as it is frozen when the round opens: what `rounds.queries.facts_to_freeze` would say."""
    spot, kind = entry.spot, entry.spot.kind
    sites = [{"id": key, "code": code, "name": name, "main": code == "00"} for key, code, name in spot.sites]
    return (
        entry.participation_id,
        entry.uid,
        entry.round.id,
        spot.unit_id,
        spot.ward.unit_id,
        entry.reviewing_unit_id,
        spot.code,
        spot.name,
        spot.ward.name,
        kind.unit_type,
        spot.ward.area_type,
        spot.ownership,
        as_json(list(kind.stages)),
        as_json(sites),
        *spot.words,
    )


def profile_row(entry: Entry, cases: list[Case]) -> tuple[str | int | None, ...] | None:
    """The facts the school has declared, None while it has not opened any of its forms."""
    opened = [case.course.filled for case in cases if case.course.share is not None]
    if not opened:
        return None
    at = stored_instant(min(opened))
    return (entry.participation_id, as_json(entry.profile), 1, at, entry.spot.head.user_id)
