"""The main pages of every role, with the addresses of real rows of the largest department."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from survey_app.core.db import session
from survey_app.rules.permissions import ALLOWED, AUTHORITY, Role

ROLES = (
    "unit_head",
    "commune_officer",
    "commune_leader",
    "department_officer",
    "department_leader",
    "department_admin",
    "viewer",
)
WORD = "huong duong"  # a name that many schools share


@dataclass(frozen=True)
class Seat:
    """Who looks: a login, and the pages of that role as (name, address)."""

    role: str
    login: str
    pages: tuple[tuple[str, str], ...]


def one(sql: str, **values: Any) -> Row[Any] | None:
    """The first row of a statement, or None."""
    return session.execute(text(sql), values).first()


def seats(planned_uid: str) -> Iterator[Seat]:
    """Everybody who looks, each at the largest department; signed out comes last."""
    department = one(
        "SELECT d.id, d.code, d.uid FROM organisation_unit d JOIN organisation_unit w ON w.parent_id = d.id "
        "JOIN organisation_unit s ON s.parent_id = w.id WHERE d.kind = 'department' "
        "GROUP BY d.id, d.code, d.uid ORDER BY count(*) DESC"
    )
    assert department is not None
    for role in ROLES:
        yield _seat(role, department.id, planned_uid)
    yield Seat("public", "", tuple(_public(department.id)))


def _seat(role: str, department_id: int, planned_uid: str) -> Seat:
    facts = _facts(department_id)
    unit = department_id
    if role.startswith("commune"):
        unit = facts["ward_id"]
    elif role == "unit_head":
        unit = facts["school_id"]
    who = one(
        "SELECT u.login, u.uid FROM user_account u JOIN membership m ON m.user_id = u.id "
        "WHERE m.unit_id = :unit AND m.role = :role ORDER BY u.id",
        unit=unit,
        role=role,
    )
    assert who is not None, role
    facts |= {"planned": planned_uid, "checked_by": unit}
    pages = [*_shared(facts), *PAGES[role.partition("_")[0]](facts)]
    if Role(role) in ALLOWED["accounts.manage"] & AUTHORITY:
        pages += _people(facts)
    if role == "department_admin":
        pages += _administrator(facts)
    return Seat(role, who.login, tuple(pages))


def _facts(department_id: int) -> dict[str, Any]:
    """Addresses of rows of one department: a ward, a school it checks with a form in every round."""
    ward = one(
        "SELECT w.id, w.uid FROM organisation_unit w JOIN organisation_unit s ON s.parent_id = w.id "
        "WHERE w.parent_id = :department GROUP BY w.id, w.uid ORDER BY count(*) DESC",
        department=department_id,
    )
    rounds = session.execute(
        text("SELECT id, uid, state FROM round WHERE department_id = :d AND state <> 'planned' ORDER BY id"),
        {"d": department_id},
    ).all()
    assert ward is not None
    open_round, past = rounds[-1], rounds[0]
    draft = one(
        "SELECT a.uid, p.unit_id, p.uid AS part, s.uid AS school, f.code AS framework FROM assessment a "
        "JOIN participation p ON p.id = a.participation_id JOIN organisation_unit s ON s.id = p.unit_id "
        "JOIN framework_version v ON v.id = a.framework_version_id JOIN framework f ON f.id = v.framework_id "
        "WHERE a.round_id = :r AND a.state = 'draft' AND a.answered > 10 AND p.ward_id = :w "
        "AND p.reviewing_unit_id = :w ORDER BY a.id",
        r=open_round.id,
        w=ward.id,
    )
    assert draft is not None
    return {
        "department": department_id,
        "ward_id": ward.id,
        "ward": ward.uid,
        "round": open_round.uid,
        "round_id": open_round.id,
        "past": past.uid,
        "past_id": past.id,
        "draft": draft.uid,
        "part": draft.part,
        "school": draft.school,
        "school_id": draft.unit_id,
        "criterion": "MA1" if draft.framework == "mam-non" else "AT1",
        "indicator": "MA1.1" if draft.framework == "mam-non" else "AT1.1",
    }


def _shared(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("start", "/"),
        ("own account", "/account/own"),
        ("notices", "/notices"),
        ("rounds", "/rounds"),
        ("round", f"/rounds/{facts['round']}"),
        ("units of a round", f"/rounds/{facts['round']}/participants"),
        ("schools", "/organisations"),
        ("school", f"/organisations/{facts['school']}"),
        ("register", "/certificates"),
        ("sets", "/frameworks"),
    ]


def _school(facts: dict[str, Any]) -> list[tuple[str, str]]:
    past = one(
        "SELECT a.uid FROM assessment a JOIN participation p ON p.id = a.participation_id "
        "WHERE p.unit_id = :u AND a.state = 'published' ORDER BY a.id DESC",
        u=facts["school_id"],
    )
    form = f"/assessments/{facts['draft']}"
    pages = [
        ("forms", "/assessments"),
        ("form", form),
        ("fill in", f"{form}/fill/{facts['criterion']}"),
        ("evidence of an indicator", f"{form}/evidence/{facts['indicator']}"),
        ("history", f"{form}/history/{facts['indicator']}"),
        ("profile", f"{form}/profile"),
        ("check and hand in", f"{form}/check"),
        ("evidence store", "/evidence"),
        ("own people", "/accounts"),
        ("own results", "/results/own"),
        ("plan", "/plans"),
    ]
    return pages + ([("result", f"/results/forms/{past.uid}")] if past else [])


def _authority(facts: dict[str, Any]) -> list[tuple[str, str]]:
    form = one(
        "SELECT a.uid FROM assessment a JOIN participation p ON p.id = a.participation_id "
        "WHERE a.round_id = :r AND p.reviewing_unit_id = :u "
        "AND a.state IN ('in_review', 'approved', 'proposed') ORDER BY a.id",
        r=facts["round_id"],
        u=facts["checked_by"],
    )
    queue = f"/reviews?round={facts['round']}"
    pages = [
        ("queue", queue),
        ("queue, all of the last page", f"{queue}&view=all&page=3"),
        ("queue, everybody's", f"{queue}&view=all&checker=all"),
        ("queue, searched", f"{queue}&view=all&checker=all&q={WORD.replace(' ', '+')}"),
        ("queue, a ward", f"{queue}&view=all&checker=all&ward={facts['ward']}"),
        ("queue, a stage", f"{queue}&view=all&checker=all&stage=thcs"),
        ("queue of a past round", f"/reviews?round={facts['past']}&view=all&checker=all&page=2"),
        ("exports", "/exports"),
        ("new export", "/exports/new"),
        ("evidence of a school", f"/evidence/of/{facts['school']}"),
    ]
    if form:
        pages += [("form to check", f"/reviews/{form.uid}"), ("conclude", f"/reviews/{form.uid}/conclude")]
    return [*pages, *_overview(facts), *_lists(facts)]


def _overview(facts: dict[str, Any]) -> list[tuple[str, str]]:
    tabs = ("progress", "spread", "heat", "compare", "gap")
    past = [(f"overview, {tab}", f"/results/{facts['past']}?tab={tab}") for tab in tabs]
    return [
        *past,
        ("overview of the open round", f"/results/{facts['round']}"),
        ("overview, a stage", f"/results/{facts['past']}?stage=thcs"),
        ("overview, a ward", f"/results/{facts['past']}?ward={facts['ward']}"),
        ("overview, all wards", f"/results/{facts['past']}?full=wards"),
        ("schools of a number", f"/results/{facts['past']}/schools"),
        ("schools of a level", f"/results/{facts['past']}/schools?level=kha&page=2"),
        ("schools missing an indicator", f"/results/{facts['past']}/schools?indicator=AT2.2"),
        ("schools of a nội dung", f"/results/{facts['past']}/schools?criterion=AT2"),
        ("schools not handed in", f"/results/{facts['round']}/schools?part=not_submitted"),
        ("schools of a number, searched", f"/results/{facts['past']}/schools?q={WORD.replace(' ', '+')}"),
    ]


def _lists(facts: dict[str, Any]) -> list[tuple[str, str]]:
    words = WORD.replace(" ", "+")
    return [
        ("schools, searched", f"/organisations?q={words}"),
        ("schools, a stage", "/organisations?stage=thpt&page=2"),
        ("schools, a ward", f"/organisations?ward={facts['ward']}"),
        ("units of a round, searched", f"/rounds/{facts['round']}/participants?q={words}"),
        ("units of a round, page 9", f"/rounds/{facts['round']}/participants?page=9"),
        ("unit of a round", f"/rounds/participations/{facts['part']}"),
        ("register, searched", f"/certificates?q={words}"),
        ("register, a round", f"/certificates?round={facts['past']}"),
        ("register, valid ones", "/certificates?standing=valid&page=3"),
    ]


def _viewer(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [*_overview(facts), *_lists(facts)]


def _people(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("accounts", "/accounts"),
        ("accounts, page 9", "/accounts?page=9"),
        ("accounts, searched", "/accounts?q=lan"),
        ("accounts, a role", "/accounts?role=unit_member"),
        ("accounts, a ward", f"/accounts?ward={facts['ward']}"),
        ("accounts, without password", "/accounts?state=new"),
        ("units and their people", "/accounts/units"),
        ("units without access", "/accounts/units?state=none"),
        ("units, searched", f"/accounts/units?q={WORD.replace(' ', '+')}"),
        ("people of a school", f"/accounts/units/{facts['school']}"),
        ("hand out codes", "/accounts/codes"),
    ]


def _administrator(facts: dict[str, Any]) -> list[tuple[str, str]]:
    batch = one("SELECT uid FROM certificate_batch WHERE round_id = :r", r=facts["past_id"])
    pages = [
        ("audit", "/audit"),
        ("audit, page 9", "/audit?page=9"),
        ("audit, a person", "/audit?person=lan"),
        ("audit, an act", "/audit?action=round.open"),
        ("audit, denied", "/audit?denied=y"),
        ("planned round", f"/rounds/{facts['planned']}"),
        ("planned round, its schools", f"/rounds/{facts['planned']}/units"),
        ("planned round, schools searched", f"/rounds/{facts['planned']}/units?q={WORD.replace(' ', '+')}"),
        ("planned round, before opening", f"/rounds/{facts['planned']}/open"),
        ("school for an open round", f"/rounds/{facts['round']}/add?q=mau"),
        ("publish results", f"/results/{facts['round']}/finalise"),
        ("batches", "/certificates/batches"),
        ("new batch", f"/certificates/new?round={facts['past']}"),
        ("import schools", "/organisations/import"),
    ]
    return pages + ([("batch", f"/certificates/batches/{batch.uid}")] if batch else [])


def _public(department_id: int) -> Iterator[tuple[str, str]]:
    found = one(
        "SELECT c.code, c.printed_number FROM certificate c JOIN organisation_unit s ON s.id = c.unit_id "
        "JOIN organisation_unit w ON w.id = s.parent_id WHERE w.parent_id = :d ORDER BY c.id",
        d=department_id,
    )
    yield "look-up", "/tra-cuu"
    yield "sign in", "/account/login"
    if found:
        yield "look-up by code", f"/tra-cuu/{found.code}"
        yield "look-up by number", f"/tra-cuu?q={found.printed_number}"


PAGES = {
    "unit": _school,
    "commune": _authority,
    "department": _authority,
    "viewer": _viewer,
}
