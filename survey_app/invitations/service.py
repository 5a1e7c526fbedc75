"""Letters for many schools: ask for them, give each ward's codes their force, let the file go after a day."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from survey_app.accounts import codes, scope
from survey_app.accounts.handing_over import hold_office
from survey_app.accounts.scope import UnitFilter, UnitRow
from survey_app.accounts.service import issue_to_head
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.invitations import queries
from survey_app.invitations.handouts import Handout
from survey_app.invitations.models import LetterBatch, LetterPart
from survey_app.jobs.service import enqueue
from survey_app.rules.errors import N_, RuleError

JOB = "invitations.letters"
KEPT = timedelta(hours=24)
MOST = 100_000  # schools in one file; a bound for a statement, not for people


class NobodyWaits(RuleError):
    """Every head of the filter can sign in already (409)."""

    message = N_("Thủ trưởng của mọi trường trong danh sách này đã kích hoạt tài khoản.")


@dataclass(frozen=True)
class WardRows:
    """The schools of one ward that get a code."""

    ward_id: int
    name: str
    rows: Sequence[UnitRow]


def request_letters(wanted: UnitFilter, form: str, *, actor: Actor, now: datetime) -> LetterBatch:
    """Ask for letters for all schools of a filter whose head cannot sign in; the job commits with it.

    Raises `NobodyWaits`.
    """
    schools = scope.count_without_access(actor, wanted)
    if not schools:
        raise NobodyWaits()
    batch = LetterBatch(
        unit_id=actor.unit_id,
        requested_by_id=actor.user_id,
        form=form,
        wanted=asdict(wanted),
        schools=schools,
        created_at=now,
        expires_at=now + KEPT,
    )
    session.add(batch)
    session.flush()
    label = f"Phiếu cấp tài khoản cho {schools} trường"
    batch.job_uid = enqueue(JOB, {"batch": batch.id}, label=label, actor=actor, now=now).uid
    audit.record(actor, "letters.ask", batch, new={"schools": schools, "form": form}, now=now)
    return batch


def wards_to_do(batch: LetterBatch, actor: Actor) -> list[WardRows]:
    """The wards of a batch, in Vietnamese order, without those that are done."""
    done = {part.ward_id for part in queries.parts_of(batch.id)}
    rows = scope.units_without_access(actor, UnitFilter(**batch.wanted), MOST)
    found: dict[int, list[UnitRow]] = {}
    for row in rows:
        if row.ward_id not in done:
            found.setdefault(row.ward_id, []).append(row)
    wards = [WardRows(ward_id, rows[0].ward_name, rows) for ward_id, rows in found.items()]
    return sorted(wards, key=lambda ward: ward.rows[0].ward_key)


def rows_again(batch: LetterBatch, ward: WardRows, actor: Actor) -> WardRows:
    """The schools of a ward as they are now, after one of them changed in between."""
    wanted = UnitFilter(**batch.wanted)
    rows = scope.units_without_access(actor, wanted, MOST)
    return replace(ward, rows=[row for row in rows if row.ward_id == ward.ward_id])


def draw_codes(rows: Sequence[UnitRow]) -> list[Handout]:
    """A handout with a fresh code for each school; nothing is written yet."""
    return [Handout(row.name, row.code, row.ward_name, row.login, codes.draw()) for row in rows]


def issue(rows: Sequence[UnitRow], handouts: Sequence[Handout], *, actor: Actor, now: datetime) -> None:
    """Give these codes their force and void the earlier ones, all or none.

    Raises `ListChanged` when one of the accounts changed since, `RoleEnded` when the actor's role did.
    """
    hold_office(actor)
    for row, handout in zip(rows, handouts, strict=True):
        issue_to_head(row.id, handout.login, handout.code, actor=actor, now=now)


def add_part(
    batch_id: int,
    ward: WardRows,
    handouts: Sequence[Handout],
    digest: str,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """The codes of one ward count from now on, and its letters lie under `digest`; returns how many."""
    issue(ward.rows, handouts, actor=actor, now=now)
    part = LetterPart(batch_id=batch_id, ward_id=ward.ward_id, sha256=digest, schools=len(handouts))
    session.add(part)
    session.flush()
    return len(handouts)


def set_made(batch: LetterBatch, digest: str, size: int, *, now: datetime) -> list[str]:
    """The whole file is there: its parts are gone; returns their digests, to be removed from the disk."""
    parts = queries.parts_of(batch.id)
    batch.sha256, batch.size, batch.made_at, batch.expires_at = digest, size, now, now + KEPT
    batch.schools = sum(part.schools for part in parts)
    gone = [part.sha256 for part in parts]
    for part in parts:
        session.delete(part)
    session.flush()
    return gone


def note_fetched(batch: LetterBatch, *, actor: Actor, now: datetime) -> None:
    """Somebody took the codes out: that is for the audit trail."""
    audit.record(actor, "letters.fetch", batch, new={"schools": batch.schools}, now=now)


def discard(batch: LetterBatch, *, actor: Actor, now: datetime) -> str | None:
    """Let the file go before its day is over; the codes on paper stay good. Returns its digest."""
    digest, batch.sha256 = batch.sha256, None
    batch.expires_at = min(batch.expires_at, now)
    session.flush()
    audit.record(actor, "letters.discard", batch, now=now)
    return digest


def let_go_of_expired(*, now: datetime) -> int:
    """Forget the files whose day is over; returns how many. The store is swept afterwards."""
    expired, parts = queries.expired_batches(now), queries.expired_parts(now)
    for batch in expired:
        batch.sha256 = None
    for part in parts:
        session.delete(part)
    session.flush()
    return len(expired) + len(parts)
