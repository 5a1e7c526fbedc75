"""What the rooms' own services do for the country: departments with their people, rounds, certificates."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from survey_app.certificates import queries as certified
from survey_app.certificates import service as certificates
from survey_app.certificates.service import Decision
from survey_app.core.access import Actor
from survey_app.core.clock import from_local, local_date
from survey_app.core.db import session
from survey_app.demo import cast as casting
from survey_app.demo.answers import chance_of
from survey_app.demo.build import Settings
from survey_app.demo.cast import Hiring
from survey_app.demo.country.places import HOME, Province
from survey_app.demo.country.scene import Commune, Department, Person, RoundFacts
from survey_app.demo.terms import latest_sets, term
from survey_app.jobs import service as jobs
from survey_app.organisations import service as organisations
from survey_app.organisations.models import COMMUNE, OrganisationUnit
from survey_app.rounds import service as rounds
from survey_app.rounds.models import OPEN, PLANNED, Round
from survey_app.rounds.service.opening import announce_opening
from survey_app.rounds.service.states import move
from survey_app.rules.permissions import Role

Facts = dict[str, Any]  # plain JSON, remembered with the part that made it
SCHOOLS_OF_AN_OFFICER = 400  # in the country; the department itself checks three in ten of them
SAMPLE = 120  # certificates of a published round, where not everybody gets one
DECISION, SIGNER = "345/QĐ-SGDĐT", "GIÁM ĐỐC"


def found_department(settings: Settings, province: Province, place: int, schools: int) -> Facts:
    """A department with its communes, its people, its issuer and its planned rounds."""
    organisations.load_department(province.code, province.department, province.communes, now=settings.founded)
    unit = organisations.the_department(province.code)
    hiring = Hiring(settings.password_hash, settings.seed + place, settings.founded)
    prefix = "so" if province.code == HOME else f"so{province.code}"
    cast = casting.hire_department(hiring, unit, prefix)
    officers = [cast.department_officer]
    for number in range(2, 2 + schools // SCHOOLS_OF_AN_OFFICER):
        officers.append(
            hiring.hire(
                f"{prefix}.canbo{number}", Role.DEPARTMENT_OFFICER, unit, unit.id, position="Chuyên viên"
            )
        )
    certificates.ensure_issuer(unit, since=local_date(settings.founded), now=settings.founded)
    planned = []
    for back in reversed(range(settings.rounds)):
        when = term(settings.now, back)
        made = rounds.create_round(when.plan(latest_sets()), actor=cast.admin, now=when.opens_at)
        planned.append([made.id, made.uid])
    people = [cast.admin, cast.leaders[unit.id], *officers]
    return {"unit": unit.id, "people": [_plain(actor) for actor in people], "rounds": planned}


def _plain(actor: Actor) -> list[Any]:
    return [actor.user_id, actor.name, actor.role.value, actor.unit_id, actor.unit_name]


def department_of(facts: Facts, province: Province, first: int, schools: int, communes: int) -> Department:
    """A founded department as the parts need it; `communes` counts those of the departments before it."""
    admin, leader, *officers = (Person(*plain) for plain in facts["people"])
    units = session.scalars(
        select(OrganisationUnit)
        .where(OrganisationUnit.parent_id == facts["unit"], OrganisationUnit.kind == COMMUNE)
        .order_by(OrganisationUnit.id)
    )
    return Department(
        facts["unit"],
        province.code,
        province.department,
        admin,
        leader,
        tuple(officers),
        tuple(
            Commune(communes + place, unit.id, unit.code, unit.name, unit.area_type or "")
            for place, unit in enumerate(units)
        ),
        first,
        schools,
    )


def round_facts(settings: Settings, facts: Facts) -> list[RoundFacts]:
    """The rounds of a founded department, the oldest first."""
    found = []
    for back, (key, uid) in zip(reversed(range(settings.rounds)), facts["rounds"], strict=True):
        when = term(settings.now, back)
        plan = when.plan({})
        found.append(
            RoundFacts(
                key,
                uid,
                back,
                plan.title,
                plan.purpose,
                plan.school_year,
                when.opens_at,
                when.closes_at,
                when.latest,
                when.published_at,
            )
        )
    return found


def actor_of(department: Department, person: Person) -> Actor:
    """One of the department's people as services see them."""
    return Actor(
        user_id=person.user_id,
        membership_id=0,
        role=Role(person.role),
        unit_id=department.unit_id,
        unit_kind="department",
        department_id=department.unit_id,
        unit_name=department.name,
        name=person.name,
        session_id=0,
    )


def open_round(
    department: Department, facts: RoundFacts, unit_ids: Sequence[int], *, forms_made: int
) -> None:
    """Open a planned round; who takes part is poured, not frozen one by one."""
    round_, admin = session.get_one(Round, facts.id), actor_of(department, department.admin)
    move(round_, start=PLANNED, state=OPEN, opened_at=facts.opens_at)
    announce_opening(round_, unit_ids, forms_made=forms_made, actor=admin, now=facts.opens_at)


def publish_round(
    department: Department, facts: RoundFacts, *, seed: int, everybody: bool, base_url: str
) -> None:
    """Note that the results of a past round are published, and issue certificates under one Decision."""
    round_, admin = session.get_one(Round, facts.id), actor_of(department, department.admin)
    assert facts.published_at is not None
    rounds.mark_published(round_, actor=admin, now=facts.published_at)
    ids = [one.result_id for one in certified.eligible(round_.id, allow_draft=True)]
    if not everybody and len(ids) > SAMPLE:
        ids = sorted(chance_of(seed, "certificates", department.code, facts.back).sample(ids, SAMPLE))
    if ids:
        decided = local_date(round_.department_closes_at + timedelta(days=5))
        _certify(round_, ids, admin, base_url, from_local(decided, 9))


def _certify(round_: Round, ids: Sequence[int], admin: Actor, base_url: str, now: datetime) -> None:
    """As the job does it, but for the papers: `undrawn` ones are drawn when somebody asks for it."""
    batch = certificates.prepare_batch(round_, ids, allow_draft=True, actor=admin, now=now)
    certificates.set_decision(batch, Decision(DECISION, local_date(now), SIGNER), actor=admin, now=now)
    job = certificates.issue_certificates(batch, actor=admin, now=now)
    jobs.start(job, now=now)
    jobs.set_progress(job, 0, len(ids))
    for start in range(0, len(ids), certificates.PART):
        part = batch.result_ids[start : start + certificates.PART]
        certificates.issue_part(batch.id, part, base_url=base_url, actor=admin, now=now)
    certificates.close_batch(batch.id)
    jobs.finish(job, {"url": f"/certificates/batches/{batch.uid}"}, now=now)
