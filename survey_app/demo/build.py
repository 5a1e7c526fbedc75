"""Building the demo: units, people, one past round with certificates, one open round in all states."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from flask import current_app

from survey_app.assessments.queries import form_of
from survey_app.certificates import queries
from survey_app.certificates import service as certificates
from survey_app.certificates.models import CertificateBatch
from survey_app.certificates.service import Decision
from survey_app.core.access import Actor
from survey_app.core.clock import from_local, local_date
from survey_app.core.db import session
from survey_app.demo import cast as casting
from survey_app.demo.cast import Cast, Hiring
from survey_app.demo.models import DemoMark
from survey_app.demo.names import KINDS, SchoolPlan, plan_schools
from survey_app.demo.pictures import Album
from survey_app.demo.queries import form_ids
from survey_app.demo.story import Story, tell
from survey_app.frameworks import queries as frameworks
from survey_app.organisations import queries as units
from survey_app.organisations import service as organisations
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.places import Ward
from survey_app.organisations.row_checks import School
from survey_app.results import service as results
from survey_app.rounds import service as rounds
from survey_app.rounds.models import END_OF_YEAR, Round
from survey_app.rounds.service import RoundPlan
from survey_app.rules.authority import managing_authority
from survey_app.rules.workflow import State

# In the order of the schools' codes: whoever signs in as the first school has a form to fill in.
TARGETS = (
    State.DRAFT,
    State.RETURNED,
    State.SUBMITTED,
    State.IN_REVIEW,
    State.APPROVED,
    State.DRAFT,
    State.RESUBMITTED,
    State.PROPOSED,
    State.SUBMITTED,
    State.ON_HOLD,
    State.APPROVED,
    State.DRAFT,
    State.APPROVED,
)


@dataclass(frozen=True)
class Settings:
    """What the demo is made from."""

    schools: int
    seed: int
    password_hash: str
    now: datetime


def build(settings: Settings, album: Album) -> CertificateBatch:
    """Write the whole demo into the open transaction; returns the batch of certificates to be issued."""
    session.add(
        DemoMark(
            seed=settings.seed, schools=settings.schools, password=casting.PASSWORD, made_at=settings.now
        )
    )
    organisations.load_communes(now=settings.now)
    department = organisations.the_department()
    hiring = Hiring(settings.password_hash, settings.seed, school_year_start(settings.now))
    cast = casting.hire_department(hiring, department)
    _found_schools(settings, department, hiring, cast)
    past = _past_round(settings, cast, album)
    batch = _order_certificates(past, department, cast.admin, settings.now)
    _open_round(settings, cast, album)
    return batch


def school_year_start(now: datetime) -> datetime:
    """Opening day (5 September) of the school year before this one: the past round fell into it."""
    today = local_date(now)
    year = today.year if (today.month, today.day) >= (9, 5) else today.year - 1
    return from_local(date(year - 1, 9, 5), 7)


def _found_schools(settings: Settings, department: OrganisationUnit, hiring: Hiring, cast: Cast) -> None:
    founded = local_date(school_year_start(settings.now))
    for plan in plan_schools(settings.schools):
        ward = units.unit_by_code(plan.ward_code)
        assert ward is not None
        if ward.id not in cast.officers:
            place = len(cast.officers)
            casting.hire_commune(hiring, cast, ward, department.id, place)
            ward.contact_name = cast.officers[ward.id].name
            ward.contact_phone = casting.office_phone(place)
        school = organisations.create_school(_describe(plan, ward), department_id=department.id, on=founded)
        casting.hire_head(hiring, cast, school, department.id)
        if plan.place == 0:
            casting.hire_member(hiring, school, department.id)


def _describe(plan: SchoolPlan, ward: OrganisationUnit) -> School:
    kind = plan.kind
    sites = tuple(
        (f"Điểm Ấp Mẫu {number + 1}", f"Ấp Mẫu {number + 1}, {ward.name}")
        for number in range(kind.satellites)
    )
    return School(
        code=plan.code,
        name=plan.name,
        stages=kind.stages,
        ward=Ward(ward.id, ward.code, ward.name),
        address=f"Số {plan.place + 1}, đường Mẫu, {ward.name}",
        unit_type=kind.unit_type,
        ownership="tu_thuc" if plan.place % len(KINDS) == 6 else "cong_lap",
        sites=sites,
        authority=managing_authority(kind.stages),
        contact_phone="0292 000 0900",
    )


def _sets() -> dict[int, tuple[str, ...]]:
    """The latest edition of each set, for all its stages."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for row in frameworks.list_versions():
        framework = frameworks.get_framework(row.id)
        found.setdefault(framework.code, (row.id, tuple(stage.code for stage in framework.stages)))
    return dict(found.values())


def _plan(year: int, opens: datetime, closes: datetime, title: str) -> RoundPlan:
    return RoundPlan(
        title=title,
        purpose=END_OF_YEAR,
        school_year=f"{year}-{year + 1}",
        opens_at=opens,
        closes_at=closes,
        commune_closes_at=closes + timedelta(days=20),
        department_closes_at=closes + timedelta(days=30),
        sets=_sets(),
    )


def openings(now: datetime) -> tuple[datetime, datetime]:
    """When the past round and the present one open."""
    year = local_date(school_year_start(now)).year
    return from_local(date(year + 1, 5, 2), 7), from_local(local_date(now - timedelta(days=24)), 7)


def _past_round(settings: Settings, cast: Cast, album: Album) -> Round:
    year = local_date(school_year_start(settings.now)).year
    opens, closes = openings(settings.now)[0], from_local(date(year + 1, 5, 25), 17)
    title = f"Đánh giá năm học {year} – {year + 1}"
    round_ = rounds.create_round(_plan(year, opens, closes, title), actor=cast.admin, now=opens)
    rounds.open_round(round_, actor=cast.admin, now=opens)
    for form_id in form_ids(round_.id):
        latest = closes + timedelta(days=15)
        story = Story(form_of(form_id), settings.seed - 1, cast, album, opens, latest, papers=False)
        tell(story, State.APPROVED)
    results.finalise_round(round_, actor=cast.admin, now=closes + timedelta(days=25))
    return round_


def _open_round(settings: Settings, cast: Cast, album: Album) -> None:
    year = local_date(school_year_start(settings.now)).year + 1
    opens = openings(settings.now)[1]
    last_day = local_date(settings.now + timedelta(days=12))
    title = f"Đánh giá năm học {year} – {year + 1}"
    plan = _plan(year, opens, from_local(last_day, 17), title)
    round_ = rounds.create_round(plan, actor=cast.admin, now=opens)
    rounds.open_round(round_, actor=cast.admin, now=opens)
    targets: Iterator[State] = cycle(TARGETS)
    for form_id in form_ids(round_.id):
        tell(Story(form_of(form_id), settings.seed, cast, album, opens, settings.now), next(targets))


def _order_certificates(
    round_: Round, department: OrganisationUnit, admin: Actor, now: datetime
) -> CertificateBatch:
    """One batch for every school of the past round that earned the title."""
    decided = local_date(round_.department_closes_at + timedelta(days=5))
    certificates.ensure_issuer(department, since=local_date(round_.opens_at), now=now)
    ids = [one.result_id for one in queries.eligible(round_.id, allow_draft=True)]
    issued = from_local(decided, 9)
    batch = certificates.prepare_batch(round_, ids, allow_draft=True, actor=admin, now=issued)
    decision = Decision("345/QĐ-SGDĐT", decided, "GIÁM ĐỐC")
    certificates.set_decision(batch, decision, actor=admin, now=issued)
    certificates.issue_certificates(batch, actor=admin, now=issued)
    # Issued on the day of the Decision; the job, which runs today, only draws the papers.
    base_url = current_app.config["BASE_URL"]
    certificates.issue_part(batch.id, ids, base_url=base_url, actor=admin, now=issued)
    return batch
