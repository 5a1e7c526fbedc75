"""What only the first pages ask: jobs that failed, how far a new system is, the audit trail."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from survey_app.accounts.models import Membership, User
from survey_app.assessments.models import Assessment
from survey_app.certificates.models import Certificate, CertificateBatch, Issuer
from survey_app.core.access import Actor
from survey_app.core.audit import AuditEvent
from survey_app.core.clock import from_local
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.evidence.models import EvidenceFile
from survey_app.frameworks.models import Framework, FrameworkVersion
from survey_app.jobs.models import FAILED, Job
from survey_app.organisations.models import COMMUNE, SCHOOL, OrganisationUnit
from survey_app.organisations.queries import in_department
from survey_app.plans.models import PlanItem
from survey_app.results.models import Result
from survey_app.rounds.models import PLANNED, Participation, Round

RECENT = timedelta(days=7)


def failed_jobs(actor: Actor, now: datetime, limit: int = 5) -> Sequence[Job]:
    """The latest jobs of the actor's unit that failed within a week, newest first."""
    return session.scalars(
        select(Job)
        .where(Job.unit_id == actor.unit_id, Job.state == FAILED, Job.created_at >= now - RECENT)
        .order_by(Job.id.desc())
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Beginnings:
    """How far a department is with setting up: schools, checking communes, sets, rounds.

    `with_people` and `checkers_with_people` have somebody whose account is open. A checking commune is one
    that manages a school.
    """

    schools: int
    with_people: int
    checkers: int
    checkers_with_people: int
    sets: int
    rounds: int
    opened: int


def beginnings(actor: Actor) -> Beginnings:
    """Count what there is, in one statement."""
    here = and_(OrganisationUnit.kind == SCHOOL, in_department(actor.department_id))
    works = exists().where(
        Membership.unit_id == OrganisationUnit.id,
        Membership.ends_at.is_(None),
        User.id == Membership.user_id,
        User.active,
    )
    rounds = select(func.count()).select_from(Round).where(Round.department_id == actor.department_id)
    schools = select(func.count()).select_from(OrganisationUnit).where(here)
    school = aliased(OrganisationUnit)
    checks = and_(
        OrganisationUnit.kind == COMMUNE,
        OrganisationUnit.parent_id == actor.department_id,
        OrganisationUnit.id.in_(select(school.managing_authority_id).where(school.kind == SCHOOL)),
    )
    checkers = select(func.count()).select_from(OrganisationUnit).where(checks)
    sets = select(func.count()).select_from(FrameworkVersion)
    row = session.execute(
        select(
            schools.scalar_subquery(),
            schools.where(works).scalar_subquery(),
            checkers.scalar_subquery(),
            checkers.where(works).scalar_subquery(),
            sets.scalar_subquery(),
            rounds.scalar_subquery(),
            rounds.where(Round.state != PLANNED).scalar_subquery(),
        )
    ).one()
    return Beginnings(*row)


@dataclass(frozen=True)
class AuditFilter:
    """What the audit trail is narrowed to; empty values narrow nothing. Days are Vietnamese days."""

    person: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None
    denied: bool = False


def list_audit(actor: Actor, wanted: AuditFilter, number: int = 1) -> Page[AuditEvent]:
    """One page of the acts in the actor's department and of the system itself, the latest first."""
    where = [_of_department(actor), *_narrow(wanted)]
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(*where)) or 0
    rows = session.scalars(
        select(AuditEvent)
        .where(*where)
        .order_by(AuditEvent.id.desc())
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    return Page(rows, number, total)


def _of_department(actor: Actor) -> ColumnElement[bool]:
    units = select(OrganisationUnit.id).where(in_department(actor.department_id))
    return or_(AuditEvent.unit_id.is_(None), AuditEvent.unit_id.in_(units))


def _narrow(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.person:
        words = fold(wanted.person).split()
        known = select(User.id).where(*(User.search_text.contains(word, autoescape=True) for word in words))
        named = AuditEvent.actor_name.contains(wanted.person, autoescape=True)
        where.append(or_(named, AuditEvent.actor_id.in_(known)) if words else named)
    if wanted.action:
        where.append(AuditEvent.action == wanted.action)
    if wanted.first:
        where.append(AuditEvent.at >= from_local(wanted.first))
    if wanted.last:
        where.append(AuditEvent.at < from_local(wanted.last + timedelta(days=1)))
    if wanted.denied:
        where.append(AuditEvent.outcome == "denied")
    return where


def subjects_of(events: Collection[AuditEvent]) -> dict[tuple[str, str], str]:
    """What the acts of one page were done to, in words: {(type, key): name}; what is unknown is left out."""
    keys: dict[str, set[str]] = defaultdict(set)
    for event in events:
        keys[event.subject_type].add(event.subject_id)
    found: dict[tuple[str, str], str] = {}
    for kind, names in _NAMES.items():
        if keys[kind]:
            rows = session.execute(names(sorted(keys[kind])))
            found |= {(kind, uid): " – ".join(filter(None, words)) for uid, *words in rows}
    return found


def names_in(events: Collection[AuditEvent]) -> dict[tuple[str, int], str]:
    """Names of the units and people that the changes of one page tell by their keys."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        for side in (event.old, event.new):
            for key in ("unit_id", "user_id"):
                if isinstance(side, dict) and isinstance(side.get(key), int):
                    wanted[key].add(side[key])
    found: dict[tuple[str, int], str] = {}
    for key, column in (("unit_id", OrganisationUnit), ("user_id", User)):
        if wanted[key]:
            rows = session.execute(select(column.id, column.name).where(column.id.in_(wanted[key])))
            found |= {(key, row_id): name for row_id, name in rows}
    return found


def _forms(uids: list[str]) -> Select[str, str, str]:
    return (
        select(Assessment.uid, Participation.unit_name, Participation.ward_name)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(Assessment.uid.in_(uids))
    )


def _results(uids: list[str]) -> Select[str, str, str]:
    return (
        select(Result.uid, Participation.unit_name, Participation.ward_name)
        .join(Assessment, Assessment.id == Result.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(Result.uid.in_(uids))
    )


def _plan_items(uids: list[str]) -> Select[str, str, str]:
    return (
        select(PlanItem.uid, Participation.unit_name, PlanItem.indicator)
        .join(Assessment, Assessment.id == PlanItem.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
        .where(PlanItem.uid.in_(uids))
    )


def _files(uids: list[str]) -> Select[str, str]:
    return select(EvidenceFile.uid, EvidenceFile.title).where(EvidenceFile.uid.in_(uids))


def _certificates(uids: list[str]) -> Select[str, str]:
    return select(Certificate.uid, Certificate.printed_number).where(Certificate.uid.in_(uids))


def _participations(uids: list[str]) -> Select[str, str, str]:
    return select(Participation.uid, Participation.unit_name, Participation.ward_name).where(
        Participation.uid.in_(uids)
    )


def _rounds(uids: list[str]) -> Select[str, str]:
    return select(Round.uid, Round.title).where(Round.uid.in_(uids))


def _users(uids: list[str]) -> Select[str, str, str]:
    return select(User.uid, User.name, User.login).where(User.uid.in_(uids))


def _units(uids: list[str]) -> Select[str, str]:
    return select(OrganisationUnit.uid, OrganisationUnit.name).where(OrganisationUnit.uid.in_(uids))


def _jobs(uids: list[str]) -> Select[str, str]:
    return select(Job.uid, Job.label).where(Job.uid.in_(uids))


def _editions(keys: list[str]) -> Select[str, str, str]:
    ids = [int(key) for key in keys if key.isdigit()]
    version = FrameworkVersion
    return (
        select(cast(version.id, String), Framework.title, version.version)
        .join(Framework, Framework.id == version.framework_id)
        .where(version.id.in_(ids))
    )


def _issuers(keys: list[str]) -> Select[str, str, str]:
    ids = [int(key) for key in keys if key.isdigit()]
    return select(cast(Issuer.id, String), Issuer.agency, Issuer.heading).where(Issuer.id.in_(ids))


def _batches(uids: list[str]) -> Select[str, str]:
    return select(CertificateBatch.uid, CertificateBatch.decision_number).where(
        CertificateBatch.uid.in_(uids)
    )


_NAMES = {
    "FrameworkVersion": _editions,
    "Issuer": _issuers,
    "CertificateBatch": _batches,
    "Assessment": _forms,
    "Result": _results,
    "Participation": _participations,
    "Round": _rounds,
    "User": _users,
    "OrganisationUnit": _units,
    "Job": _jobs,
    "PlanItem": _plan_items,
    "EvidenceFile": _files,
    "Certificate": _certificates,
}
