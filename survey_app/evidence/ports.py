"""What the rooms above tell this one: which forms use a file, and whether it may still go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from survey_app.core.access import Actor
from survey_app.core.sockets import Socket


@dataclass(frozen=True)
class Use:
    """One indicator of one form that a file is evidence for.

    `code` as people quote it (MC-AT3.2-01), or a message id that says what the file is; `form` the words
    that name the form (its round or school year).
    """

    code: str
    form: str = ""
    url: str = ""


class EvidenceUses(Protocol):
    """Knows which forms use which files."""

    def uses_of(self, file_ids: Collection[int]) -> Mapping[int, Sequence[Use]]:
        """The uses of each file by its key, in one query; a file without uses may be missing."""

    def hold(self, file_id: int) -> None:
        """Let no form that uses the file be changed or handed in before the transaction ends."""

    def is_locked(self, file_id: int) -> bool:
        """True when a form that was handed in relies on the file: it may not be deleted."""

    def is_used(self, file_id: int) -> bool:
        """True when any form uses the file."""

    def release(self, file_id: int, *, actor: Actor, now: datetime) -> None:
        """The file is being deleted: take it out of the forms that are still being filled in."""

    def choose_url(self, file_uid: str) -> str:
        """Where the file's own school chooses what it serves; "" where no room keeps forms."""

    def recount(self, file_id: int, *, now: datetime) -> None:
        """The file was hidden or shown again: count anew what the forms that use it still lack."""


class NoUses:
    """The answer while no room above is there."""

    def uses_of(self, file_ids: Collection[int]) -> Mapping[int, Sequence[Use]]:
        """No file is used."""
        return {}

    def hold(self, file_id: int) -> None:
        """Nothing to hold."""

    def is_locked(self, file_id: int) -> bool:
        """No file is locked."""
        return False

    def is_used(self, file_id: int) -> bool:
        """No file is used."""
        return False

    def release(self, file_id: int, *, actor: Actor, now: datetime) -> None:
        """Nothing to release."""

    def choose_url(self, file_uid: str) -> str:
        """There is no form to choose from."""
        return ""

    def recount(self, file_id: int, *, now: datetime) -> None:
        """Nothing to count."""


uses: Socket[EvidenceUses] = Socket("evidence.uses")
