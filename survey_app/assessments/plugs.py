"""What this room tells the rooms below it: the forms of a round, the uses of a file."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from survey_app.assessments import attaching, queries, service
from survey_app.assessments.ports import Offered, PriorValues, Recognition
from survey_app.core.access import Actor
from survey_app.evidence.ports import Use
from survey_app.rounds.ports import FormState
from survey_app.rules.errors import N_

SIGNED_COPY = N_("Bản phiếu đã ký")


class FormsOfRounds:
    """`rounds.ports.Forms`: makes the forms of a round and says where they are."""

    def create(self, round_id: int, *, now: datetime) -> int:
        """Make the missing forms of every unit in a round; returns how many were made."""
        return service.create_forms(round_id, now=now)

    def states(self, participation_ids: Collection[int]) -> Mapping[int, Sequence[FormState]]:
        """The forms of these participations by participation id."""
        found: dict[int, list[FormState]] = {}
        for form in queries.forms_of_participations(participation_ids):
            url = f"/assessments/{form.uid}"
            state = FormState(form.uid, form.framework_version_id, form.state, url)
            found.setdefault(form.participation_id, []).append(state)
        return found


class UsesInForms:
    """`evidence.ports.EvidenceUses`: which indicators of which forms a file is evidence for."""

    def uses_of(self, file_ids: Collection[int]) -> Mapping[int, Sequence[Use]]:
        """The uses of each file, and where it is a page of a signed form: two statements."""
        found: dict[int, list[Use]] = {}
        for use, title, uid in queries.uses_of_files(file_ids):
            code = queries.evidence_code(use)
            found.setdefault(use.evidence_id, []).append(Use(code, title, f"/assessments/{uid}"))
        for file_id, title, uid in queries.signed_forms_of_files(file_ids):
            place = f"/assessments/{uid}/check"
            found.setdefault(file_id, []).append(Use(SIGNED_COPY, title, place))
        return found

    def hold(self, file_id: int) -> None:
        """Let no form that uses the file be changed or handed in before the transaction ends."""
        attaching.hold_forms_using(file_id)

    def is_locked(self, file_id: int) -> bool:
        """True when a form that was handed in relies on the file."""
        return attaching.is_locked(file_id)

    def is_used(self, file_id: int) -> bool:
        """True when any form uses the file."""
        return bool(queries.open_uses_of_file(file_id) or queries.signed_pages_of_file(file_id))

    def release(self, file_id: int, *, actor: Actor, now: datetime) -> None:
        """Take a file that is being deleted out of the forms that are still being filled in."""
        attaching.release_file(file_id, now=now)

    def choose_url(self, file_uid: str) -> str:
        """Where the newest form that the school fills in opens with the file."""
        return f"/assessments/files/{file_uid}"

    def recount(self, file_id: int, *, now: datetime) -> None:
        """A file was hidden or shown again."""
        attaching.recount_forms_using(file_id)


class NoActions:
    """`ports.Actions` while no room above keeps plans."""

    def evidence_for(
        self, assessment_id: int, indicators: Collection[str]
    ) -> Mapping[str, Sequence[Offered]]:
        """Nothing is known to be done."""
        return {}


class NoDecisions:
    """`ports.Decisions` while no room above issues certificates."""

    def of_forms(self, assessment_ids: Collection[int]) -> Mapping[int, Recognition]:
        """Nothing was recognised."""
        return {}


class NoMemory:
    """`ports.Memory` while no room above remembers earlier rounds."""

    def prior_values(self, assessment_id: int) -> PriorValues | None:
        """Nothing is remembered."""
        return None
