"""What higher rooms tell this one: the values of the last round of the same purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from survey_app.core.sockets import Socket


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


memory: Socket[Memory] = Socket("assessments.memory")
