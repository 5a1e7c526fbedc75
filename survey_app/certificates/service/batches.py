"""A batch from the choice of schools to its order: nothing is issued without a Decision."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, update

from survey_app.certificates import queries
from survey_app.certificates.models import ORDERED, PREPARED, CertificateBatch, Issuer
from survey_app.certificates.queries import Candidate
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.core.filters import write_date
from survey_app.jobs.models import Job
from survey_app.jobs.service import enqueue
from survey_app.rounds.models import Round
from survey_app.rounds.service import BadField
from survey_app.rules.errors import N_, BadInput, RuleError

JOB = "certificates.issue"


class NothingChosen(BadInput):
    """A batch of nobody."""

    message = N_("Hãy chọn ít nhất một trường.")


class NoLongerEligible(RuleError):
    """Some of the chosen schools cannot be certified any more (409)."""

    message = N_(
        "%(count)s trường đã chọn không còn đủ điều kiện hoặc đã được cấp giấy. "
        "Hãy tải lại danh sách rồi chọn lại."
    )


class BatchMoved(RuleError):
    """The batch was ordered, changed or discarded meanwhile (409)."""

    message = N_("Đợt cấp này đã được phát hành hoặc vừa được người khác sửa. Hãy tải lại trang.")


class NumberUsed(BadField):
    """The number stands on another batch of the same year with another day: a slip of the pen? (422)."""

    def __init__(self, day: date) -> None:
        words = N_(
            "Số quyết định này đã ghi cho một đợt cấp khác, ngày %(day)s. "
            "Hãy xem lại số và ngày; nếu đúng, hãy đánh dấu “Vẫn dùng số này”."
        )
        super().__init__("decision_number", words, day=write_date(day))


class TwoIssuers(BadInput):
    """The chosen schools have different issuers (422)."""

    message = N_("Các trường đã chọn do hai cơ quan cấp khác nhau. Hãy chia thành hai đợt theo cấp học.")


@dataclass(frozen=True)
class Decision:
    """The Decision under which certificates are issued or replaced, and who signs them."""

    number: str
    day: date
    signer_title: str
    signer_name: str = ""


def prepare_batch(
    round_: Round, result_ids: Collection[int], *, allow_draft: bool, actor: Actor, now: datetime
) -> CertificateBatch:
    """Note the chosen results of a round; no number is taken yet.

    `allow_draft`: results of a draft set may be among them, and the certificates say BẢN THỬ NGHIỆM then.
    Raises `NothingChosen`, `NoLongerEligible`.
    """
    wanted = set(result_ids)
    if not wanted:
        raise NothingChosen()
    found = [one for one in queries.eligible(round_.id, allow_draft=allow_draft) if one.result_id in wanted]
    if len(found) < len(wanted):
        raise NoLongerEligible(count=len(wanted) - len(found))
    batch = CertificateBatch(
        round_id=round_.id,
        result_ids=[one.result_id for one in found],
        trial=any(one.is_draft for one in found),
        created_by_id=actor.user_id,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    audit.record(actor, "certificates.prepare", batch, now=now, new={"results": len(found)})
    return batch


def set_decision(
    batch: CertificateBatch, decision: Decision, *, again: bool = False, actor: Actor, now: datetime
) -> CertificateBatch:
    """Write the Decision and the signer into a prepared batch, and who issues on that day.

    Raises `BadField`, `NumberUsed` unless `again` says that the number is meant, `queries.NoIssuer`,
    `TwoIssuers`; `BatchMoved` once it is ordered.
    """
    check_decision(decision, since=local_date(batch.round.opens_at), now=now)
    other = queries.other_day_of(batch, decision.number, decision.day)
    if other is not None and not again:
        raise NumberUsed(other)
    issuer = issuer_of_batch(batch, decision.day)
    _move(
        batch,
        issuer_id=issuer.id,
        decision_number=decision.number,
        decision_date=decision.day,
        signer_title=decision.signer_title,
        signer_name=decision.signer_name,
    )
    new = {"decision": decision.number, "date": decision.day.isoformat(), "signer": decision.signer_title}
    audit.record(actor, "certificates.decide", batch, now=now, new=new)
    return batch


def check_decision(decision: Decision, *, since: date, now: datetime) -> None:
    """Raise `BadField` for a missing number or signer and for a day before `since` or after today."""
    check_number_and_day(decision.number, decision.day, since=since, now=now)
    if not decision.signer_title.strip():
        raise BadField("signer_title", N_("Hãy ghi chức vụ người ký."))


def check_number_and_day(number: str, day: date, *, since: date, now: datetime) -> None:
    """Raise `BadField` for a Decision without number, or of a day before `since` or after today."""
    if not number.strip():
        raise BadField("decision_number", N_("Hãy ghi số quyết định."))
    if day > local_date(now):
        raise BadField("decision_date", N_("Ngày quyết định không thể sau ngày hôm nay."))
    if day < since:
        words = N_("Ngày quyết định không thể trước ngày %(day)s.")
        raise BadField("decision_date", words, day=write_date(since))


def issuer_of_batch(batch: CertificateBatch, on: date) -> Issuer:
    """The one issuer of every school of a batch on a day. Raises `queries.NoIssuer`, `TwoIssuers`."""
    found = {
        issuer.id: issuer
        for issuer in (
            queries.issuer_for(batch.round.department_id, stages, on)
            for stages in {one.stages for one in chosen(batch)}
        )
    }
    if not found:
        raise NothingChosen()
    if len(found) > 1:
        raise TwoIssuers()
    return next(iter(found.values()))


def chosen(batch: CertificateBatch) -> list[Candidate]:
    """The results of a batch that can still be certified, in the order of the numbers to be given."""
    wanted = set(batch.result_ids)
    found = queries.eligible(batch.round_id, allow_draft=batch.trial)
    return [one for one in found if one.result_id in wanted]


def issue_certificates(batch: CertificateBatch, *, actor: Actor, now: datetime) -> Job:
    """Order a prepared batch: one conditional UPDATE, and the job that issues commits with it.

    Raises `BadField` while number or day of the Decision is missing, `BatchMoved` for a second click.
    """
    if not batch.decision_number or batch.decision_date is None:
        raise BadField("decision_number", N_("Hãy ghi số và ngày quyết định trước khi phát hành."))
    job = enqueue_batch(batch, actor, now)
    _move(batch, state=ORDERED, ordered_at=now, job_uid=job.uid)
    decision = {"decision": batch.decision_number, "date": batch.decision_date.isoformat()}
    audit.record(
        actor, "certificates.order", batch, now=now, new=decision | {"results": len(batch.result_ids)}
    )
    return job


def continue_batch(batch: CertificateBatch, *, actor: Actor, now: datetime) -> Job:
    """Ask again for what a batch still lacks: certificates after a failed job, PDFs made without the library.

    Raises `BatchMoved` for one that was not ordered or is being worked on.
    """
    if batch.state == PREPARED or queries.count_batch(batch).running:
        raise BatchMoved()
    job = enqueue_batch(batch, actor, now)
    done = session.execute(
        update(CertificateBatch)
        .where(CertificateBatch.id == batch.id, CertificateBatch.job_uid == batch.job_uid)
        .values(job_uid=job.uid)
        .execution_options(synchronize_session=False)
    )
    _check_moved(done)
    session.refresh(batch)
    audit.record(actor, "certificates.continue", batch, now=now)
    return job


def discard_batch(batch: CertificateBatch, *, actor: Actor, now: datetime) -> None:
    """Forget a batch that was only prepared. Raises `BatchMoved` once it is ordered."""
    audit.record(actor, "certificates.discard", batch, now=now, old={"results": len(batch.result_ids)})
    done = session.execute(
        delete(CertificateBatch)
        .where(CertificateBatch.id == batch.id, CertificateBatch.state == PREPARED)
        .execution_options(synchronize_session=False)
    )
    _check_moved(done)


def enqueue_batch(batch: CertificateBatch, actor: Actor, now: datetime) -> Job:
    """Ask for the job that issues what an ordered batch lacks and draws what has no PDF."""
    label = f"Cấp giấy chứng nhận theo Quyết định số {batch.decision_number}"
    return enqueue(JOB, {"batch": batch.id}, label=label, actor=actor, now=now)


def _move(batch: CertificateBatch, **values: Any) -> None:
    """Change a batch that is still only prepared, else raise `BatchMoved`."""
    done = session.execute(
        update(CertificateBatch)
        .where(CertificateBatch.id == batch.id, CertificateBatch.state == PREPARED)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    _check_moved(done)
    session.refresh(batch)


def _check_moved(done: Any) -> None:
    if rows_changed(done) != 1:
        raise BatchMoved()
