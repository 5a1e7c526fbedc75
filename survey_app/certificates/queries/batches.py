"""Batches and issuers: what was ordered, what has been issued, who issues on which day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from survey_app.certificates.models import Certificate, CertificateBatch, Issuer
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.jobs.models import DONE, FAILED, Job
from survey_app.rounds.models import Round
from survey_app.rules.errors import N_, NotFound, RuleError


class NoIssuer(RuleError):
    """Nobody is named to issue on that day (409)."""

    message = N_("Chưa khai báo cơ quan cấp giấy chứng nhận cho ngày này. Hãy khai báo trước khi cấp.")


@dataclass(frozen=True)
class BatchCount:
    """How far a batch is: asked for, issued, with a PDF; and whether its job still works on it."""

    asked: int
    issued: int
    drawn: int
    running: bool
    failed: bool


def get_batch(batch_id: int, *, lock: bool = False) -> CertificateBatch:
    """The batch with this key, for the worker. Raises `NotFound`."""
    statement = select(CertificateBatch).where(CertificateBatch.id == batch_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound()
    return found


def list_batches(actor: Actor, number: int = 1) -> Page[tuple[CertificateBatch, int]]:
    """One page of the batches of an actor's department, each with how many it issued, the latest first."""
    issued = (
        select(func.count()).where(Certificate.batch_id == CertificateBatch.id).correlate(CertificateBatch)
    )
    where = Round.department_id == actor.department_id
    joined = select(CertificateBatch, issued.scalar_subquery()).join(Round).where(where)
    total = session.scalar(select(func.count()).select_from(CertificateBatch).join(Round).where(where)) or 0
    page = joined.order_by(CertificateBatch.id.desc()).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Page([(batch, count) for batch, count in session.execute(page)], number, total)


def other_day_of(batch: CertificateBatch, number: str, day: date) -> date | None:
    """Another day of the same year that a batch of the department has beside this Decision number, or None.

    Numbers begin anew each year, and one Decision may have several batches: those are no doubt.
    """
    rows = session.execute(
        select(CertificateBatch.decision_number, CertificateBatch.decision_date)
        .join(Round)
        .where(
            Round.department_id == batch.round.department_id,
            CertificateBatch.id != batch.id,
            CertificateBatch.decision_date.between(date(day.year, 1, 1), date(day.year, 12, 31)),
            CertificateBatch.decision_date != day,
        )
        .order_by(CertificateBatch.id.desc())
    )
    return next((on for known, on in rows if fold(known) == fold(number)), None)


def count_batch(batch: CertificateBatch) -> BatchCount:
    """How far a batch is."""
    issued, drawn = session.execute(
        select(func.count(), func.count(Certificate.pdf_sha256)).where(Certificate.batch_id == batch.id)
    ).one()
    state = session.scalar(select(Job.state).where(Job.uid == batch.job_uid)) if batch.job_uid else None
    running = state is not None and state not in (DONE, FAILED)
    return BatchCount(len(batch.result_ids), issued, drawn, running, state == FAILED)


def certificates_of(batch_id: int) -> Sequence[Certificate]:
    """What a batch issued, in the order of the numbers."""
    return session.scalars(
        select(Certificate).where(Certificate.batch_id == batch_id).order_by(Certificate.number)
    ).all()


def results_in(batch_id: int, result_ids: Collection[int]) -> set[int]:
    """Which of these results have a certificate of this batch already."""
    return set(
        session.scalars(
            select(Certificate.result_id).where(
                Certificate.batch_id == batch_id, Certificate.result_id.in_(result_ids)
            )
        )
    )


def undrawn(batch_id: int) -> list[tuple[int, str]]:
    """(id, frozen content) of the certificates of a batch that have no PDF yet, in order of number."""
    rows = session.execute(
        select(Certificate.id, Certificate.content)
        .where(Certificate.batch_id == batch_id, Certificate.pdf_sha256.is_(None))
        .order_by(Certificate.number)
    )
    return [(key, content) for key, content in rows]


def issuers_of(department_id: int) -> Sequence[Issuer]:
    """Every version of who issues, by stage, the latest first."""
    return session.scalars(
        select(Issuer)
        .where(Issuer.department_id == department_id)
        .order_by(Issuer.stage, Issuer.valid_from.desc(), Issuer.id.desc())
    ).all()


def issuer_for(department_id: int, stages: Collection[str], on: date) -> Issuer:
    """Who issues for a school with these stages on a day: its stage's own issuer, else the general one.

    A school whose stages have several issuers of their own gets the general one. Raises `NoIssuer`.
    """
    rows = session.scalars(
        select(Issuer)
        .where(
            Issuer.department_id == department_id,
            Issuer.stage.in_(["", *stages]),
            Issuer.valid_from <= on,
            or_(Issuer.valid_to.is_(None), Issuer.valid_to > on),
        )
        .order_by(Issuer.valid_from, Issuer.id)
    ).all()
    general = [row for row in rows if not row.stage]
    own = {row.stage: row for row in rows if row.stage}
    if len(own) == 1:
        return next(iter(own.values()))
    if not general:
        raise NoIssuer()
    return general[-1]
