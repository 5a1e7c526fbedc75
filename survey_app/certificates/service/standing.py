"""What happens to an issued certificate: it is revoked, or another is issued in its place."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from survey_app.certificates import queries
from survey_app.certificates.models import ISSUED, Certificate, CertificateBatch
from survey_app.certificates.numbering import series_name
from survey_app.certificates.queries import Candidate
from survey_app.certificates.service.batches import (
    Decision,
    check_decision,
    check_number_and_day,
    enqueue_batch,
)
from survey_app.certificates.service.issuing import (
    lock_series,
    make_certificate,
    take_numbers,
    tell,
    tell_issued,
)
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.core.filters import write_date
from survey_app.rules.errors import N_, BadInput, RuleError


class NotStanding(RuleError):
    """The certificate was revoked or replaced already (409)."""

    message = N_("Giấy chứng nhận này đã bị thu hồi hoặc đã được thay thế. Hãy tải lại trang.")


class NoReason(BadInput):
    """A certificate is revoked without saying why."""

    message = N_("Hãy ghi lý do thu hồi.")


class CannotReissue(RuleError):
    """There is nothing to reissue: the certificate has run out, or its form has no title any more (409)."""

    message = N_(
        "Không cấp lại được: giấy đã hết hạn, hoặc kết quả hiện nay của trường không còn danh hiệu. "
        "Nếu kết quả đã đổi, hãy thu hồi giấy này."
    )


@dataclass(frozen=True)
class Revocation:
    """Why a certificate is revoked, and by which Decision."""

    reason: str
    number: str
    day: date


def revoke(certificate: Certificate, revocation: Revocation, *, actor: Actor, now: datetime) -> Certificate:
    """Revoke a certificate for good; its number is never used again, the look-up says so at once.

    Raises `NoReason`, `BadField`; `NotStanding` when it was revoked or replaced before.
    """
    reason, number, day = revocation.reason.strip(), revocation.number, revocation.day
    if not reason:
        raise NoReason()
    check_number_and_day(number, day, since=local_date(certificate.issued_at), now=now)
    _end(
        certificate,
        revoked_at=now,
        revoked_reason=reason,
        revoked_decision=number,
        revoked_on=day,
    )
    new = {"reason": reason, "decision": number, "date": day.isoformat()}
    audit.record(actor, "certificate.revoke", certificate, now=now, new=new)
    title = f"Giấy chứng nhận số {certificate.printed_number} đã bị thu hồi"
    body = f"Theo Quyết định số {number} ngày {write_date(day)}. Lý do: {reason}"
    tell(certificate, title, body, actor, now)
    return certificate


def _end(certificate: Certificate, **values: Any) -> None:
    """One conditional UPDATE: of two people, or of a revocation and a reissue, only one succeeds."""
    done = session.execute(
        update(Certificate)
        .where(Certificate.id == certificate.id, queries.stands())
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(done) != 1:
        raise NotStanding()
    session.refresh(certificate)


def reissue(
    certificate: Certificate, decision: Decision, *, base_url: str, actor: Actor, now: datetime
) -> Certificate:
    """Issue another certificate in this one's place ("Cấp lại"): new number, same end of validity.

    The school is named as it is called today, so a misprint or a new name can be put right; everything else
    is that of the form's current result. The paper names the number it replaces; the PDF is drawn by a job.
    Raises `BadField`, `queries.NoIssuer`, `CannotReissue`, `NotStanding`.
    """
    check_decision(decision, since=local_date(certificate.issued_at), now=now)
    one = queries.candidate_of(certificate.assessment_id, certificate.batch.round_id)
    if one is None or certificate.valid_until < local_date(now):
        raise CannotReissue()
    _end(certificate, superseded_at=now)
    batch = _batch_of_one(certificate, one, decision, actor, now)
    new = _issue_one(batch, _as_called_today(one), certificate, base_url, now)
    certificate.superseded_by_id = new.id
    batch.job_uid = enqueue_batch(batch, actor, now).uid
    session.flush()
    tell_issued(new, actor, now)
    audit.record(actor, "certificate.reissue", certificate, now=now, new={"replaced_by": new.printed_number})
    return new


def _batch_of_one(
    certificate: Certificate, one: Candidate, decision: Decision, actor: Actor, now: datetime
) -> CertificateBatch:
    round_ = certificate.batch.round
    batch = CertificateBatch(
        round_id=round_.id,
        round=round_,
        state=ISSUED,
        issuer=queries.issuer_for(round_.department_id, one.stages, decision.day),
        decision_number=decision.number,
        decision_date=decision.day,
        signer_title=decision.signer_title,
        signer_name=decision.signer_name,
        result_ids=[one.result_id],
        trial=one.is_draft,
        created_by_id=actor.user_id,
        created_at=now,
        ordered_at=now,
    )
    session.add(batch)
    session.flush()
    return batch


def _issue_one(
    batch: CertificateBatch, one: Candidate, old: Certificate, base_url: str, now: datetime
) -> Certificate:
    assert batch.issuer is not None and batch.decision_date is not None
    series, year = (
        series_name(batch.round.department_id, batch.issuer.number_pattern),
        batch.decision_date.year,
    )
    lock_series(series, year)
    certificate = make_certificate(
        batch,
        one,
        number=take_numbers(series, year, 1),
        base_url=base_url,
        now=now,
        valid_until=old.valid_until,
        replaces=old.printed_number,
    )
    session.add(certificate)
    session.flush()
    return certificate


def _as_called_today(one: Candidate) -> Candidate:
    name, ward = queries.called_today(one.unit_id)
    return replace(one, unit_name=name, ward_name=ward or one.ward_name)
