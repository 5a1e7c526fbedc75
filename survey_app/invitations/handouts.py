"""What is handed to a unit with its code: plain values for workbook, letters and sheets to sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Handout:
    """One account and its code; `code` exists nowhere but on what is made of this."""

    unit: str
    unit_code: str
    ward: str
    login: str
    code: str


@dataclass(frozen=True)
class WardLetters:
    """The letters of one ward, under one sheet on which each school signs for its own."""

    ward: str
    handouts: Sequence[Handout]


@dataclass(frozen=True)
class Occasion:
    """What all handouts of one file share: who issues them, where to type the code and until when."""

    issuer: str
    system: str
    address: str
    contact: str
    issued_at: datetime
    expires_at: datetime


def by_ward(handouts: Sequence[Handout]) -> list[WardLetters]:
    """The handouts by ward, wards and schools in the order they come."""
    found: dict[str, list[Handout]] = {}
    for one in handouts:
        found.setdefault(one.ward, []).append(one)
    return [WardLetters(ward, letters) for ward, letters in found.items()]
