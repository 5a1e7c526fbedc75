"""Concluding a round: verified score → level → award → frozen result, and taking a result back.

A result is never changed. It stops counting (`superseded_at`) when it is withdrawn from publication or when
the same form is concluded again under the next number.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import update

from survey_app.assessments.queries import Form, form_of
from survey_app.assessments.service import change_state
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.jobs.models import Job
from survey_app.jobs.service import enqueue
from survey_app.notices.service import notify
from survey_app.results import queries
from survey_app.results.content import claimed, conclude, freeze, frozen_columns
from survey_app.results.models import Result
from survey_app.results.ports import certificates
from survey_app.results.queries import CheckedForm
from survey_app.reviews.queries import own_values_of
from survey_app.rounds.models import OPEN, PLANNED, PRACTICE, Round
from survey_app.rounds.service import mark_published
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.framework import Framework
from survey_app.rules.levels import Outcome
from survey_app.rules.scoring import Answers, Scorecard, score
from survey_app.rules.workflow import Action

STEP = 50
JOB = "results.finalise"
TOLD = "Đã công bố kết quả kiểm tra, đánh giá"
TAKEN_BACK = "Đã hủy công bố kết quả kiểm tra, đánh giá"


class NothingToFinalise(RuleError):
    """No form of the round waits to be published (409)."""

    message = N_("Chưa có phiếu nào đã xác nhận mà chưa công bố trong đợt này.")


class OnlyPractice(RuleError):
    """A practice round has no results (409)."""

    message = N_("Đợt thử nghiệm để làm quen nên không công bố kết quả và không cấp giấy chứng nhận.")


class NoReason(BadInput):
    """A result is withdrawn without saying why."""

    message = N_("Hãy ghi lý do hủy công bố.")


class CertificateStands(RuleError):
    """A valid certificate was issued for the result (409)."""

    message = N_(
        "Kết quả này đã có giấy chứng nhận còn hiệu lực. Hãy thu hồi giấy chứng nhận trước khi hủy công bố."
    )


class NoLongerCurrent(RuleError):
    """The result was withdrawn or replaced meanwhile (409)."""

    message = N_("Kết quả này đã được hủy công bố hoặc thay thế. Hãy tải lại trang.")


def ask_to_finalise(round_: Round, *, actor: Actor, now: datetime) -> Job:
    """Ask for the job that concludes every approved form of a round.

    Raises `NothingToFinalise`, `OnlyPractice`.
    """
    if round_.purpose == PRACTICE:
        raise OnlyPractice()
    if round_.state == PLANNED or not queries.count_approved(round_.id):
        raise NothingToFinalise()
    params = {"round_id": round_.id, "round_uid": round_.uid}
    return enqueue(JOB, params, label=f"Công bố kết quả: {round_.title}"[:255], actor=actor, now=now)


def finalise_round(round_: Round, *, actor: Actor, now: datetime) -> int:
    """Conclude and publish every approved form in the acting transaction; returns how many.

    Forms that are not approved, or lack a confirmed value, stay as they are: a later call takes them.
    The job of `ask_to_finalise` does the same in steps of `STEP` forms.
    """
    ids = queries.approved_ids(round_.id)
    done = sum(
        finalise_forms(round_.id, ids[start : start + STEP], actor=actor, now=now)
        for start in range(0, len(ids), STEP)
    )
    close_round(round_.id, actor=actor, now=now)
    return done


def finalise_forms(round_id: int, form_ids: Collection[int], *, actor: Actor, now: datetime) -> int:
    """Conclude and publish those of the named forms that are approved and complete; returns how many.

    Safe to repeat: a form that is published already is not approved any more. Raises `NotAllowed` for
    another role than the administrator's, `OnlyPractice`.
    """
    found = queries.checked_forms(round_id, form_ids, lock=True)
    if any(checked.form.round.purpose == PRACTICE for checked in found):
        raise OnlyPractice()
    own, numbers = own_values_of(form_ids), queries.last_numbers(form_ids)
    done = 0
    for checked in found:
        form_id = checked.form.assessment.id
        card, outcome = conclude(checked.framework, checked.facts, checked.verified, checked.vetoes)
        if outcome.level is not None:
            _publish(checked, card, outcome, own.get(form_id, {}), numbers.get(form_id, 0) + 1, actor, now)
            _tell(checked.form, TOLD, "", f"/results/forms/{checked.form.assessment.uid}", actor, now)
            done += 1
    return done


def _publish(
    checked: CheckedForm,
    card: Scorecard,
    outcome: Outcome,
    own: Answers,
    number: int,
    actor: Actor,
    now: datetime,
) -> Result:
    form = checked.form
    content = freeze(
        form, checked.framework, card, outcome, reasons=checked.reasons, vetoes=len(checked.vetoes)
    )
    own_card = score(checked.framework, checked.facts, own)
    change_state(form, Action.PUBLISH, actor=actor, now=now)
    _supersede(Result.assessment_id == form.assessment.id, now)
    result = Result(
        assessment_id=form.assessment.id,
        round_id=form.round.id,
        number=number,
        **frozen_columns(card, content, claimed(checked.framework, own_card, checked.vetoes)),
        finalised_at=now,
        finalised_by_id=actor.user_id,
    )
    session.add(result)
    session.flush()
    audit.record(actor, "result.publish", result, now=now, new=_said(checked.framework, result))
    return result


def _supersede(where: Any, now: datetime) -> int:
    done = session.execute(
        update(Result)
        .where(where, Result.superseded_at.is_(None))
        .values(superseded_at=now)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done)


def _said(framework: Framework, result: Result) -> dict[str, Any]:
    """A result as the audit trail tells it: the level by its name."""
    return {"level": framework.band_of[result.level].name.vi, "number": result.number}


def _tell(form: Form, title: str, body: str, url: str, actor: Actor, now: datetime) -> None:
    notify(
        form.participation.unit_id,
        kind="result",
        title=title,
        body=f"{form.round.title}. {body}".strip(),
        url=url,
        sender_id=actor.unit_id,
        now=now,
    )


def close_round(round_id: int, *, actor: Actor, now: datetime) -> None:
    """Note that the round is over once every form of it is published; until then the others go on."""
    round_ = queries.lock_round(round_id)
    if round_.state == OPEN and not queries.count_unpublished(round_id):
        mark_published(round_, actor=actor, now=now)


def certificate_stands(result: Result) -> bool:
    """True when a valid certificate was issued for the result: it has to be revoked first."""
    return certificates.get().has_valid(result.id)


def unpublish_result(result: Result, *, reason: str, actor: Actor, now: datetime) -> Result:
    """Withdraw a result from publication ("Hủy công bố"): its form is approved again, the school is told.

    Raises `NoReason`, `CertificateStands`, `NoLongerCurrent`, `WrongState`, `NotAllowed`.
    """
    if not reason.strip():
        raise NoReason()
    form = form_of(result.assessment_id, lock=True)  # no certificate is issued from here on
    queries.hold_results([result.id])  # before the question: a certificate may just be made of it
    if certificate_stands(result):
        raise CertificateStands()
    if not _supersede(Result.id == result.id, now):
        raise NoLongerCurrent()
    change_state(form, Action.UNPUBLISH, actor=actor, now=now, note=reason.strip())
    session.refresh(result)
    _tell(form, TAKEN_BACK, f"Lý do: {reason.strip()}", "/results/own", actor, now)
    old = _said(form.framework, result)
    audit.record(actor, "result.unpublish", result, now=now, old=old, new={"reason": reason.strip()})
    return result
