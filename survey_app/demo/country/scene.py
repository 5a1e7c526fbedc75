"""Everything the parts of the country are made from: plain values, the same in every process."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from survey_app.demo.names import KINDS
from survey_app.rules.framework import Framework


class Person(NamedTuple):
    """Somebody who acts, as history and audit name them."""

    user_id: int
    name: str
    role: str  # a value of `rules.permissions.Role`
    unit_id: int
    unit_name: str


class Commune(NamedTuple):
    """A commune or ward; `place` counts them over the whole country."""

    place: int
    unit_id: int
    code: str
    name: str
    area_type: str


@dataclass(frozen=True)
class Department:
    """One department with its people; `first` is the number of its first school in the country."""

    unit_id: int
    code: str
    name: str
    admin: Person
    leader: Person
    officers: tuple[Person, ...]
    communes: tuple[Commune, ...]
    first: int
    schools: int


@dataclass(frozen=True)
class RoundFacts:
    """One round of one department. `back` counts the rounds after it: 0 is the open one.

    `latest` is the last moment at which anybody did anything to its forms before they were published.
    """

    id: int
    uid: str
    back: int
    title: str
    purpose: str
    school_year: str
    opens_at: datetime
    closes_at: datetime
    latest: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class FormSet:
    """An edition of a criteria set and the stages it is used for."""

    version_id: int
    framework: Framework
    stages: frozenset[str]


class Picture(NamedTuple):
    """A file whose bytes lie in the store already, as its rows name it."""

    kind: str
    file_name: str
    media_type: str
    size: int
    stored_bytes: int
    sha256: str
    source_sha256: str
    thumb: str | None
    pages: str
    captured_on: str | None


@dataclass(frozen=True)
class Bases:
    """The highest key of each table before the first school: rows that bring keys count on from there."""

    unit: int
    site: int
    user: int
    participation: int
    assessment: int
    answer: int
    file: int
    given_back: int


@dataclass(frozen=True)
class Scene:
    """The country. `rounds[round][department]` from the oldest round to the open one.

    `album` holds for each subject the words and the pictures that show it.
    """

    seed: int
    schools: int
    founded: datetime
    now: datetime
    password_hash: str
    departments: tuple[Department, ...]
    rounds: tuple[tuple[RoundFacts, ...], ...]
    sets: tuple[FormSet, ...]
    album: Mapping[str, tuple[str, Sequence[Picture]]]
    bases: Bases

    @property
    def communes(self) -> int:
        """How many communes there are in all."""
        return sum(len(department.communes) for department in self.departments)

    def sets_of(self, stages: Collection[str]) -> list[FormSet]:
        """The sets that cover one of these stages: a school fills in a form for each."""
        return [found for found in self.sets if not found.stages.isdisjoint(stages)]

    @cached_property
    def most_forms(self) -> int:
        """How many forms a school has at most: keys of forms are given out in blocks of so many."""
        return max(len(self.sets_of(kind.stages)) for kind in KINDS)

    @property
    def most_places(self) -> int:
        """More answers than any one form can have: keys of answers are given out in blocks of so many."""
        return max(len(found.framework.by_code) for found in self.sets) * MOST_SITES


MOST_SITES = 3  # of any kind of school in the demo
FILES_OF_A_SCHOOL = 16  # keys of files are given out in blocks of so many
