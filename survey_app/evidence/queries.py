"""Reading evidence: whose files an actor may see, one file, one unit's store and how full it is."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, false, func, or_, select

from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.evidence.models import EvidenceFile
from survey_app.organisations.models import COMMUNE, DEPARTMENT, SCHOOL, OrganisationUnit
from survey_app.organisations.queries import in_department
from survey_app.rounds.models import PUBLISHED, Participation, Round
from survey_app.rounds.school_years import school_year_at
from survey_app.rules.errors import NotFound

THIS_YEAR, BEFORE = "this", "before"


def units_in_reach(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of the units whose evidence an actor may see.

    A school its own; a commune the schools it manages or checks; a department all of its own; others none.
    """
    unit = OrganisationUnit
    if not actor.may("evidence.read"):
        return false()
    if actor.unit_kind == SCHOOL:
        return unit.id == actor.unit_id
    if actor.unit_kind == COMMUNE:
        checked = select(Participation.unit_id).where(Participation.reviewing_unit_id == actor.unit_id)
        return or_(unit.managing_authority_id == actor.unit_id, unit.id.in_(checked))
    return in_department(actor.department_id) if actor.unit_kind == DEPARTMENT else false()


def visible_files(actor: Actor) -> ColumnElement[bool]:
    """The WHERE of the files an actor may know of; a hidden one is among them, a deleted one is not.

    A commune that checked a school and neither manages it nor checks it any more keeps what that form could
    rest on: files up to the school year of the round. What the school adds later is for others.
    """
    units = select(OrganisationUnit.id).where(units_in_reach(actor))
    there = EvidenceFile.unit_id.in_(units) & EvidenceFile.deleted_at.is_(None)
    return there & _still_concerns(actor) if actor.unit_kind == COMMUNE else there


def _still_concerns(actor: Actor) -> ColumnElement[bool]:
    managed = select(OrganisationUnit.id).where(OrganisationUnit.managing_authority_id == actor.unit_id)
    checked = (
        exists()
        .where(
            Participation.unit_id == EvidenceFile.unit_id,
            Participation.reviewing_unit_id == actor.unit_id,
            Round.id == Participation.round_id,
            or_(Round.state != PUBLISHED, EvidenceFile.school_year <= Round.school_year),
        )
        .correlate(EvidenceFile)
    )
    return or_(EvidenceFile.unit_id.in_(managed), checked)


def get_visible_file(actor: Actor, uid: str) -> EvidenceFile:
    """The file with this public id, hidden or not. Raises `NotFound` also when it is not theirs to see."""
    file = session.scalar(select(EvidenceFile).where(EvidenceFile.uid == uid, visible_files(actor)))
    if file is None:
        raise NotFound()
    return file


def get_readable_file(actor: Actor, uid: str) -> EvidenceFile:
    """As `get_visible_file`, but what the authority has hidden is `NotFound` for the school too."""
    file = get_visible_file(actor, uid)
    if not may_read(actor, file):
        raise NotFound()
    return file


def may_read(actor: Actor, file: EvidenceFile) -> bool:
    """True when the actor, who may know of this file, may see what is in it."""
    return file.hidden_at is None or actor.may("evidence.hide")


def get_unit_in_reach(actor: Actor, uid: str) -> OrganisationUnit:
    """The school whose store an actor asks for. Raises `NotFound` when its evidence is not theirs to see."""
    unit = session.scalar(
        select(OrganisationUnit).where(
            OrganisationUnit.uid == uid, OrganisationUnit.kind == SCHOOL, units_in_reach(actor)
        )
    )
    if unit is None:
        raise NotFound()
    return unit


@dataclass(frozen=True)
class StoreFilter:
    """What a store is narrowed to: the tab THIS_YEAR or BEFORE, and words."""

    tab: str = THIS_YEAR
    text: str = ""


def list_store(
    actor: Actor, unit_id: int, wanted: StoreFilter, number: int = 1, *, today: date
) -> Page[EvidenceFile]:
    """One page of a unit's files, newest first, 50 a page; empty for a unit outside the actor's reach."""
    year = school_year_at(today)
    in_tab = EvidenceFile.school_year >= year if wanted.tab == THIS_YEAR else EvidenceFile.school_year < year
    where = [EvidenceFile.unit_id == unit_id, visible_files(actor), in_tab]
    where += [EvidenceFile.search_text.contains(word, autoescape=True) for word in fold(wanted.text).split()]
    total = session.scalar(select(func.count()).select_from(EvidenceFile).where(*where)) or 0
    rows = session.scalars(
        select(EvidenceFile)
        .where(*where)
        .order_by(EvidenceFile.added_at.desc(), EvidenceFile.id.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    return Page(rows, number, total)


def find_same(unit_id: int, source_sha256: str, *, lock: bool = False) -> EvidenceFile | None:
    """The file of this unit that was made of the same bytes, or None.

    One that the authority has hidden is found even after the unit deleted it: it may not come back that way.
    With `lock` it cannot be deleted before the transaction ends.
    """
    statement = (
        select(EvidenceFile)
        .where(
            EvidenceFile.unit_id == unit_id,
            EvidenceFile.source_sha256 == source_sha256,
            or_(EvidenceFile.deleted_at.is_(None), EvidenceFile.hidden_at.is_not(None)),
        )
        .order_by(EvidenceFile.id.desc())
    )
    if not lock:
        return session.scalar(statement)
    return session.scalar(statement.with_for_update(read=True).execution_options(populate_existing=True))


def is_there(file_id: int, *, lock: bool = False) -> bool:
    """True unless the file was deleted; with `lock` it cannot be before the transaction ends."""
    statement = select(EvidenceFile.id).where(EvidenceFile.id == file_id, EvidenceFile.deleted_at.is_(None))
    return session.scalar(statement.with_for_update(read=True) if lock else statement) is not None


def used_bytes(unit_id: int) -> int:
    """How many bytes a unit's files take, page pictures and small pictures included."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(EvidenceFile.stored_bytes), 0)).where(
                EvidenceFile.unit_id == unit_id, EvidenceFile.deleted_at.is_(None)
            )
        )
        or 0
    )


def wanted_digests() -> set[str]:
    """The digests that a file which is not deleted still names."""
    rows = session.execute(
        select(EvidenceFile.sha256, EvidenceFile.thumb, EvidenceFile.pages).where(
            EvidenceFile.deleted_at.is_(None)
        )
    )
    return {digest for sha256, thumb, pages in rows for digest in (sha256, thumb, *pages) if digest}
