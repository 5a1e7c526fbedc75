"""Using the unit's files as evidence: one file may serve many indicators; codes are never given twice."""

from collections.abc import Iterable
from datetime import datetime

from survey_app.assessments import queries
from survey_app.assessments.models import EvidenceUse
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable, move_counts, recount, settle
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.evidence import queries as store
from survey_app.evidence.models import EvidenceFile
from survey_app.evidence.refusals import FileInUse
from survey_app.rules.errors import N_, BadInput, NotFound


class EvidenceElsewhere(BadInput):
    """The file is not in the unit's own store."""

    message = N_("Tệp này không có trong kho minh chứng của trường. Hãy chọn lại.")


class PapersOnly(BadInput):
    """The indicator takes nothing about a person, and nobody said that the file has nothing of the kind."""

    message = N_(
        "Tiêu chí %(code)s chỉ nhận quy trình, biểu mẫu trống hoặc số liệu tổng hợp. "
        "Hãy xem lại tệp rồi đánh dấu xác nhận."
    )


def attach_to_several(
    form: Form,
    codes: Iterable[str],
    file: EvidenceFile,
    *,
    actor: Actor,
    now: datetime,
    papers_only: bool = False,
) -> list[EvidenceUse]:
    """Use a file for each of these indicators, each once; raises what `attach_evidence` raises."""
    return [
        attach_evidence(form, code, file, actor=actor, now=now, papers_only=papers_only)
        for code in dict.fromkeys(codes)
    ]


def attach_evidence(
    form: Form, code: str, file: EvidenceFile, *, actor: Actor, now: datetime, papers_only: bool = False
) -> EvidenceUse:
    """Use a file of the unit's store for one indicator; attaching it twice changes nothing.

    `papers_only`: the person said that the file is a procedure, a blank form or totals. Raises `PapersOnly`,
    `EvidenceElsewhere`, and what `check_editable` raises.
    """
    indicator = form.framework.by_code.get(code)
    if indicator is None:
        raise NotFound()
    check_editable(form, code, now=now)
    if indicator.papers_only and not papers_only:
        raise PapersOnly(code=code)
    if file.unit_id != form.participation.unit_id or not store.is_there(file.id, lock=True):
        raise EvidenceElsewhere()
    uses = queries.uses_of_indicator(form.assessment.id, code)
    for use in uses:
        if use.evidence_id == file.id and use.removed_at is None:
            return use
    number = max((use.number for use in uses), default=0) + 1
    use = EvidenceUse(
        assessment_id=form.assessment.id,
        indicator=code,
        evidence_id=file.id,
        number=number,
        added_by_id=actor.user_id,
        added_at=now,
    )
    had = code in queries.indicators_with_evidence(form.assessment.id)
    session.add(use)
    _after_evidence(form, code, had, now=now)
    told = {"indicator": code} | ({"papers_only": True} if indicator.papers_only else {})
    audit.record(actor, "evidence.attach", use, now=now, new=told)
    return use


def detach_evidence(form: Form, use: EvidenceUse, *, actor: Actor, now: datetime) -> None:
    """Stop using a file for an indicator; it stays in the store. Raises what `check_editable` raises."""
    check_editable(form, use.indicator, now=now)
    had = use.indicator in queries.indicators_with_evidence(form.assessment.id)
    use.removed_at = now
    _after_evidence(form, use.indicator, had, now=now)
    audit.record(actor, "evidence.detach", use, now=now, old={"indicator": use.indicator})


def _after_evidence(form: Form, code: str, had: bool, *, now: datetime) -> None:
    session.flush()
    has = code in queries.indicators_with_evidence(form.assessment.id)
    if has != had:
        stored = queries.answers_of_indicator(form.assessment.id, code)
        values = {(code, site): answer.value for site, answer in stored.items()}
        move_counts(form, form.framework.by_code[code], (values, had), (values, has))
    settle(form, code, now=now)


def hold_forms_using(evidence_id: int) -> None:
    """Hold the forms that use a file: none is saved, counted or handed in before the transaction ends.

    Whoever holds forms and a file takes the forms first, in the order of their keys.
    """
    _held_forms_using(evidence_id)


def release_file(evidence_id: int, *, now: datetime) -> None:
    """A file is being deleted from the store: take it out of every form that uses it.

    Raises `FileInUse` when one of them was handed in before its row could be held.
    """
    forms = _held_forms_using(evidence_id)
    if is_locked(evidence_id):
        raise FileInUse()
    for use in queries.open_uses_of_file(evidence_id):
        use.removed_at = now
    for page in queries.signed_pages_of_file(evidence_id):
        page.removed_at = now
    session.flush()
    for form in forms:
        recount(form)


def is_locked(evidence_id: int) -> bool:
    """True when a form that was handed in relies on the file, as evidence or as its signed print."""
    return queries.is_used_by_submitted_form(evidence_id) or queries.is_handed_in_page(evidence_id)


def recount_forms_using(evidence_id: int) -> None:
    """Count anew the forms that use a file, after it was hidden or shown again."""
    for form in _held_forms_using(evidence_id):
        recount(form)


def _held_forms_using(evidence_id: int) -> list[Form]:
    """Held before they are counted: an answer saved meanwhile would be missing from the counts."""
    keys = {use.assessment_id for use in queries.open_uses_of_file(evidence_id)}
    keys |= {page.assessment_id for page in queries.signed_pages_of_file(evidence_id)}
    return queries.lock_forms(keys)
