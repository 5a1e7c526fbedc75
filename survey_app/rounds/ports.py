"""What the room above tells this one: the forms of the units in a round."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from survey_app.core.sockets import Socket


@dataclass(frozen=True)
class FormState:
    """One form of a unit in a round: against which set, and where it is (a `rules.workflow.State`).

    `url` is the local address where it is read, "" when there is none.
    """

    uid: str
    framework_version_id: int
    state: str
    url: str = ""


class Forms(Protocol):
    """Knows the forms of self-assessment."""

    def create(self, round_id: int, *, now: datetime) -> int:
        """Make the missing forms of every unit in a round; returns how many were made. Safe to repeat."""

    def states(self, participation_ids: Collection[int]) -> Mapping[int, Sequence[FormState]]:
        """The forms of these participations by participation id; at most one page of them is asked for."""


forms: Socket[Forms] = Socket("rounds.forms")
