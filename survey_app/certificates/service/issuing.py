"""Issuing: numbers, codes and frozen contents in one short transaction; the papers are drawn afterwards."""

import secrets
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from survey_app.certificates import queries
from survey_app.certificates.content import (
    IssuedBy,
    Recognised,
    award_of,
    freeze,
    write_content,
    years_later,
)
from survey_app.certificates.models import (
    ISSUED,
    ORDERED,
    Certificate,
    CertificateBatch,
    Issuer,
    NumberSeries,
)
from survey_app.certificates.numbering import CODE_LENGTH, new_code, number_key, series_name, write_number
from survey_app.certificates.queries import Candidate
from survey_app.certificates.service.batches import chosen
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.notices.service import notify
from survey_app.organisations.places import province_in
from survey_app.results.queries import hold_results
from survey_app.rules.canonical import sha256_of
from survey_app.rules.errors import NotFound

PART = 50


def issue_part(
    batch_id: int, result_ids: Collection[int], *, base_url: str, actor: Actor | None, now: datetime
) -> list[int]:
    """Number, freeze and store the certificates of these results of an ordered batch; returns their ids.

    Everything is decided under the lock of the number series and of the forms: a result that has a
    certificate of this batch, that is taken back, or whose form has one that stands, is left out, so a second
    run and a parallel batch issue nothing twice and leave no gap. Safe to repeat. Answers [] for a batch that
    is closed.
    """
    batch = queries.get_batch(batch_id, lock=True)
    if batch.state != ORDERED:
        return []
    issuer, decision_date = issued_under(batch)
    series, year = series_name(batch.round.department_id, issuer.number_pattern), decision_date.year
    lock_series(series, year)
    queries.hold_forms_of(result_ids)
    hold_results(result_ids)
    done = queries.results_in(batch_id, result_ids)
    found = queries.eligible(batch.round_id, allow_draft=batch.trial, result_ids=set(result_ids) - done)
    if not found:
        return []
    first = take_numbers(series, year, len(found))
    made = [
        make_certificate(batch, one, number=first + place, base_url=base_url, now=now)
        for place, one in enumerate(found)
    ]
    session.add_all(made)
    session.flush()
    for certificate in made:
        tell_issued(certificate, actor, now)
    return [certificate.id for certificate in made]


def issued_under(batch: CertificateBatch) -> tuple[Issuer, date]:
    """The issuer and the day of the Decision of an ordered batch, which always has both."""
    assert batch.issuer is not None and batch.decision_date is not None
    return batch.issuer, batch.decision_date


def lock_series(series: str, year: int) -> None:
    """Hold the counter of a series until the transaction ends; made with 0 when it is new."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[session.get_bind().dialect.name]
    session.execute(insert(NumberSeries).values(series=series, year=year, last=0).on_conflict_do_nothing())
    session.scalar(
        select(NumberSeries.last)
        .where(NumberSeries.series == series, NumberSeries.year == year)
        .with_for_update()
    )


def take_numbers(series: str, year: int, count: int) -> int:
    """Take `count` numbers in a row and return the first: one UPDATE, undone with the transaction."""
    last = session.execute(
        update(NumberSeries)
        .where(NumberSeries.series == series, NumberSeries.year == year)
        .values(last=NumberSeries.last + count)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return last - count + 1


def make_certificate(
    batch: CertificateBatch, one: Candidate, *, number: int, base_url: str, now: datetime, **given: Any
) -> Certificate:
    """A certificate with its frozen content, not stored yet. `given` goes to `content_of`."""
    issuer, decision_date = issued_under(batch)
    content = content_of(batch, one, number=number, base_url=base_url, **given)
    text = write_content(content)
    return Certificate(
        code=content["code"],
        series=series_name(batch.round.department_id, issuer.number_pattern),
        year=decision_date.year,
        number=number,
        printed_number=content["number"],
        number_key=number_key(content["number"]),
        batch_id=batch.id,
        result_id=one.result_id,
        assessment_id=one.assessment_id,
        unit_id=one.unit_id,
        content=text,
        sha256=sha256_of(text),
        issued_at=now,
        valid_until=date.fromisoformat(content["valid_until"]),
    )


def content_of(
    batch: CertificateBatch,
    one: Candidate,
    *,
    number: int | None,
    base_url: str,
    code: str = "",
    valid_until: date | None = None,
    replaces: str = "",
) -> dict[str, Any]:
    """What the certificate of one result says; `number` None: a preview, which takes no number."""
    issuer, decision_date = issued_under(batch)
    award = award_of(one.framework, one.award)
    return freeze(
        _recognised(batch, one),
        IssuedBy(
            issuer.superior,
            issuer.agency,
            issuer.heading,
            issuer.place,
            issuer.legal_basis,
            batch.decision_number,
            decision_date,
            batch.signer_title,
            batch.signer_name,
        ),
        number=write_number(issuer.number_pattern, number),
        code=code or new_code(),
        base_url=base_url,
        valid_until=valid_until or years_later(decision_date, award.valid_years),
        trial=one.is_draft,
        replaces=replaces,
    )


def _recognised(batch: CertificateBatch, one: Candidate) -> Recognised:
    return Recognised(
        one.unit_name,
        one.ward_name,
        province_in(batch.round.department.name),
        batch.round.school_year,
        one.framework,
        one.status,
        one.award,
        one.level,
        one.result_uid,
        one.result_sha256,
    )


def tell_issued(certificate: Certificate, actor: Actor | None, now: datetime) -> None:
    """Write the issue into the audit trail and to the school."""
    new = {"number": certificate.printed_number, "sha256": certificate.sha256}
    audit.record(actor, "certificate.issue", certificate, now=now, new=new)
    tell(certificate, f"Trường được cấp giấy chứng nhận số {certificate.printed_number}", "", actor, now)


def tell(certificate: Certificate, title: str, body: str, actor: Actor | None, now: datetime) -> None:
    """A notice to the school of a certificate, with the address of its page."""
    notify(
        certificate.unit_id,
        kind="certificate",
        title=title,
        body=body,
        url=f"/certificates/{certificate.uid}",
        sender_id=actor.unit_id if actor else None,
        now=now,
    )


def close_batch(batch_id: int) -> None:
    """Note that every part of a batch was issued: a later job of it only draws what has no PDF."""
    session.execute(
        update(CertificateBatch)
        .where(CertificateBatch.id == batch_id, CertificateBatch.state == ORDERED)
        .values(state=ISSUED)
        .execution_options(synchronize_session=False)
    )


def keep_pdf(certificate_id: int, digest: str) -> bool:
    """Name the stored PDF of a certificate once; False when it has one already, which stays."""
    done = session.execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.pdf_sha256.is_(None))
        .values(pdf_sha256=digest)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(done) == 1


def keep_bundle(batch_id: int, digest: str) -> None:
    """Name the stored PDF that holds every paper of a batch for the printer."""
    session.execute(
        update(CertificateBatch)
        .where(CertificateBatch.id == batch_id)
        .values(bundle_sha256=digest)
        .execution_options(synchronize_session=False)
    )


def previews(batch: CertificateBatch) -> dict[str, Candidate]:
    """The papers to look at before ordering: the first, the one with the longest name, and any one."""
    found = chosen(batch)
    if not found:
        return {}
    longest = max(found, key=lambda one: len(one.unit_name))
    return {"first": found[0], "longest": longest, "any": secrets.choice(found)}


def preview_content(batch: CertificateBatch, which: str, *, base_url: str) -> dict[str, Any]:
    """What one of `previews` says; it takes no number and no code. Raises `NotFound`."""
    one = previews(batch).get(which)
    if one is None or batch.issuer is None:
        raise NotFound()
    return content_of(batch, one, number=None, code="X" * CODE_LENGTH, base_url=base_url)
