"""Building the demo: units, people, past rounds with certificates, one open round in all states."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from survey_app.demo.terms import latest_sets, school_year_start, term
from survey_app.organisations import queries as units
from survey_app.organisations import service as organisations
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.places import Ward
from survey_app.organisations.row_checks import School
from survey_app.results import service as results
from survey_app.rounds import service as rounds
from survey_app.rounds.models import Round
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
    rounds: int
    seed: int
    password_hash: str
    now: datetime

    @property
    def founded(self) -> datetime:
        """When every unit and account was there: before the first round."""
        return school_year_start(self.now, max(self.rounds - 1, 1))

    def mark(self, *, finished_at: datetime | None) -> DemoMark:
        """The row that says of a database that it is a demo, and of which numbers."""
        return DemoMark(
            seed=self.seed,
            schools=self.schools,
            rounds=self.rounds,
            password=casting.PASSWORD,
            made_at=self.now,
            finished_at=finished_at,
        )


def build(settings: Settings, album: Album) -> list[CertificateBatch]:
    """Write the whole demo into the open transaction; returns the batches of certificates to be issued."""
    session.add(settings.mark(finished_at=settings.now))
    organisations.load_communes(now=settings.now)
    department = organisations.the_department()
    hiring = Hiring(settings.password_hash, settings.seed, settings.founded)
    cast = casting.hire_department(hiring, department)
    _found_schools(settings, department, hiring, cast)
    past = [_past_round(settings, back, cast, album) for back in reversed(range(1, settings.rounds))]
    batches = [_order_certificates(round_, department, cast.admin, settings.now) for round_ in past]
    _open_round(settings, cast, album)
    return batches


def _found_schools(settings: Settings, department: OrganisationUnit, hiring: Hiring, cast: Cast) -> None:
    founded = local_date(settings.founded)
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


def _past_round(settings: Settings, back: int, cast: Cast, album: Album) -> Round:
    when = term(settings.now, back)
    round_ = rounds.create_round(when.plan(latest_sets()), actor=cast.admin, now=when.opens_at)
    rounds.open_round(round_, actor=cast.admin, now=when.opens_at)
    for form_id in form_ids(round_.id):
        seed = settings.seed - back
        tell(
            Story(form_of(form_id), seed, cast, album, when.opens_at, when.latest, papers=False),
            State.APPROVED,
        )
    assert when.published_at is not None
    results.finalise_round(round_, actor=cast.admin, now=when.published_at)
    return round_


def _open_round(settings: Settings, cast: Cast, album: Album) -> None:
    when = term(settings.now, 0)
    round_ = rounds.create_round(when.plan(latest_sets()), actor=cast.admin, now=when.opens_at)
    rounds.open_round(round_, actor=cast.admin, now=when.opens_at)
    targets: Iterator[State] = cycle(TARGETS)
    for form_id in form_ids(round_.id):
        tell(Story(form_of(form_id), settings.seed, cast, album, when.opens_at, settings.now), next(targets))


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
