"""What higher rooms tell this one: earlier rounds, what was done since, which forms were recognised."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from survey_app.core.sockets import Socket
from survey_app.evidence.models import EvidenceFile


@dataclass(frozen=True)
class Prior:
    """One indicator in an earlier round: what the school claimed and what the authority confirmed."""

    own: int | None
    verified: int | None
    reason: str = ""


@dataclass(frozen=True)
class PriorValues:
    """The values of an earlier round by indicator code, with its school year "2025-2026" and its form."""

    school_year: str
    by_code: Mapping[str, Prior]
    assessment_id: int = 0


class Memory(Protocol):
    """Knows earlier rounds."""

    def prior_values(self, assessment_id: int) -> PriorValues | None:
        """The last published form of the same unit, purpose and set, or None."""


@dataclass(frozen=True)
class Offered:
    """A file of the unit's store that shows a finished `action` of an earlier improvement plan."""

    file: EvidenceFile
    action: str


class Actions(Protocol):
    """Knows what was done after earlier rounds."""

    def evidence_for(
        self, assessment_id: int, indicators: Collection[str]
    ) -> Mapping[str, Sequence[Offered]]:
        """The files of finished actions for these indicators of a form, by indicator, in one statement."""


@dataclass(frozen=True)
class Recognition:
    """The Decision that recognises the published result of a form, and the page of its certificate.

    A `trial` was made of a draft set: it is shown as one and has no effect.
    """

    number: str
    day: date
    trial: bool
    url: str


class Decisions(Protocol):
    """Knows which published forms were recognised."""

    def of_forms(self, assessment_ids: Collection[int]) -> Mapping[int, Recognition]:
        """The recognition of each of these forms on which a certificate stands, in one statement."""


memory: Socket[Memory] = Socket("assessments.memory")
actions: Socket[Actions] = Socket("assessments.actions")
decisions: Socket[Decisions] = Socket("assessments.decisions")
