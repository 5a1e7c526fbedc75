"""Tổ tự đánh giá: the school's decision, its people and which nội dung each fills in.

Shares out work, not rights: everybody of the unit may fill in everything, only the head hands in. The whole
team has one version, so of two who change it at once the second is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update

from survey_app.assessments.models import AssessmentTeam, TeamMember
from survey_app.assessments.queries import Form
from survey_app.assessments.queries.team import CHAIR, DUTIES, MEMBER, SECRETARY, Team, team_of
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.workflow import EDITABLE, STATE_NAMES, State, WrongState

DUTY_NAMES = {CHAIR: N_("Tổ trưởng"), SECRETARY: N_("Thư ký"), MEMBER: N_("Thành viên")}
MOST_MEMBERS = 40


class StaleTeam(RuleError):
    """Somebody changed the team since the page was opened (409)."""

    message = N_("Có người vừa sửa Tổ tự đánh giá. Hãy xem lại danh sách rồi lưu lại.")


class DutyTaken(BadInput):
    """The team has its chair or its secretary already."""

    message = N_("Tổ đã có tổ trưởng hoặc thư ký khác. Hãy đổi nhiệm vụ của người đó trước.")


class UnknownPart(BadInput):
    """A nội dung that the set does not have, a duty or an account that does not exist here."""

    message = N_("Phần được giao không có trong phiếu này. Hãy tải lại trang rồi chọn lại.")


class TooManyMembers(BadInput):
    """More people than a team can have."""

    message = N_("Tổ có quá nhiều người (nhiều nhất %(most)s).")


@dataclass(frozen=True)
class Person:
    """One person as typed: `user_id` the account of the unit that is theirs, `criteria` codes of nội dung."""

    name: str
    position: str
    duty: str
    user_id: int | None
    criteria: tuple[str, ...]


def save_decision(
    form: Form, number: str, day: date | None, *, base_version: int, actor: Actor, now: datetime
) -> None:
    """Write the number and day of the school's decision. Raises `WrongState`, `StaleTeam`."""
    team = _open(form, base_version, actor=actor, now=now)
    assert team.row is not None
    old = {"number": team.row.decision_number, "day": team.row.decision_date}
    team.row.decision_number, team.row.decision_date = number, day
    _record(form, "team.decision", old, {"number": number, "day": day}, actor, now)


def save_member(
    form: Form,
    member: TeamMember | None,
    person: Person,
    *,
    accounts: Collection[int],
    base_version: int,
    actor: Actor,
    now: datetime,
) -> TeamMember:
    """Add a person, or change one. `accounts`: those of the unit.

    Raises `WrongState`, `StaleTeam`, `DutyTaken`, `UnknownPart`, `TooManyMembers`.
    """
    team = _open(form, base_version, actor=actor, now=now)
    known = person.user_id is None or person.user_id in accounts
    if not known or person.duty not in DUTIES or not set(person.criteria) <= set(form.framework.criteria):
        raise UnknownPart()
    others = [other for other in team.members if member is None or other.id != member.id]
    if person.duty != MEMBER and any(other.duty == person.duty for other in others):
        raise DutyTaken()
    if len(others) >= MOST_MEMBERS:
        raise TooManyMembers(most=MOST_MEMBERS)
    old = vars(_plain(member)) if member else {}
    row = member or TeamMember(assessment_id=form.assessment.id)
    row.name, row.position, row.duty = person.name, person.position, person.duty
    row.user_id, row.criteria = person.user_id, list(person.criteria)
    session.add(row)
    _record(form, "team.member", old, vars(person), actor, now)
    return row


def remove_member(form: Form, member: TeamMember, *, base_version: int, actor: Actor, now: datetime) -> None:
    """Take a person off the team. Raises `WrongState`, `StaleTeam`."""
    _open(form, base_version, actor=actor, now=now)
    _record(form, "team.remove", vars(_plain(member)), {}, actor, now)
    session.delete(member)
    session.flush()


def _plain(member: TeamMember) -> Person:
    return Person(member.name, member.position, member.duty, member.user_id, tuple(member.criteria))


def _open(form: Form, base_version: int, *, actor: Actor, now: datetime) -> Team:
    """The team, its version raised: a change made on an older one is refused."""
    if form.assessment.state not in EDITABLE:
        raise WrongState(state=STATE_NAMES[State(form.assessment.state)])
    team = team_of(form.assessment.id)
    if team.row is None and base_version == 0:
        session.add(
            AssessmentTeam(
                assessment_id=form.assessment.id, version=1, updated_at=now, updated_by_id=actor.user_id
            )
        )
        session.flush()
        return team_of(form.assessment.id)
    table = AssessmentTeam.__table__
    done = session.execute(
        update(AssessmentTeam)
        .where(table.c.assessment_id == form.assessment.id, table.c.version == base_version)
        .values(version=base_version + 1, updated_at=now, updated_by_id=actor.user_id)
    )
    if not rows_changed(done):
        raise StaleTeam()
    return team_of(form.assessment.id)


def _record(
    form: Form, act: str, old: Mapping[str, object], new: Mapping[str, object], actor: Actor, now: datetime
) -> None:
    session.flush()
    audit.record(actor, act, form.assessment, now=now, old=_said(old), new=_said(new))


def _said(values: Mapping[str, object]) -> dict[str, object]:
    """Values as the audit trail keeps them: days as written, codes as a list; accounts stay numbers."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in plain.items()}


def own_parts(form: Form, members: Sequence[TeamMember], actor: Actor) -> frozenset[str]:
    """The nội dung of the caller; empty for people of other units and where nothing was shared out."""
    if actor.unit_id != form.participation.unit_id:
        return frozenset()
    return Team(None, members).parts_of(actor.user_id)
