"""One form with the rows around it: what an actor may see, held until the transaction ends, by its key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property

from sqlalchemy import Select, bindparam, select

from survey_app.assessments.models import Assessment, SchoolProfile
from survey_app.core.access import Actor
from survey_app.core.db import hold, session
from survey_app.frameworks.models import FrameworkVersion
from survey_app.frameworks.queries import framework_of_edition, get_framework
from survey_app.rounds.models import OPEN, PRACTICE, Participation, Round
from survey_app.rounds.queries import (
    Scope,
    deadline_for,
    scope_of,
    scope_values,
    visible_participations,
    visible_within,
)
from survey_app.rules.errors import N_, NotFound
from survey_app.rules.framework import Framework
from survey_app.rules.scoring import UnitFacts
from survey_app.rules.workflow import EDITABLE, HANDED_IN


class NotHandedIn(NotFound):
    """The school has not handed the form in, or has withdrawn it."""

    message = N_("Trường chưa nộp phiếu này, hoặc đã rút về để sửa.")


@dataclass(frozen=True)
class Form:
    """A form with the rows around it that every act needs, loaded by one statement.

    `sha256` and `status` are the digest of its criteria set's edition and where that edition stands.
    """

    assessment: Assessment
    participation: Participation
    round: Round
    profile: SchoolProfile | None
    sha256: str = field(default="", compare=False, repr=False)
    status: str = field(default="", compare=False, repr=False)

    @cached_property
    def framework(self) -> Framework:
        """The criteria set of the form; without the edition's digest and status one statement reads them."""
        if self.sha256:
            return framework_of_edition(self.sha256, self.status)
        return get_framework(self.assessment.framework_version_id)

    @cached_property
    def facts(self) -> UnitFacts:
        """What decides which indicators apply to this unit."""
        return unit_facts(self.framework, self.participation, self.profile)

    @property
    def deadline(self) -> datetime:
        """Until when the unit may fill in: its own extension or the round's closing instant."""
        return deadline_for(self.round, self.participation)


def unit_facts(
    framework: Framework, participation: Participation, profile: SchoolProfile | None
) -> UnitFacts:
    """The facts of a participation as far as this set asks for them."""
    of_set = {stage.code for stage in framework.stages}
    return UnitFacts(
        stages=frozenset(participation.stages) & of_set,
        unit_type=participation.unit_type,
        profile=dict(profile.facts) if profile else {},
        sites=tuple(site["id"] for site in participation.sites),
    )


FormRow = Select[Assessment, Participation, Round, SchoolProfile, str, str]


def _forms() -> FormRow:
    edition = FrameworkVersion.sha256, FrameworkVersion.status
    return (
        select(Assessment, Participation, Round, SchoolProfile, *edition)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .join(FrameworkVersion, FrameworkVersion.id == Assessment.framework_version_id)
        .outerjoin(SchoolProfile, SchoolProfile.participation_id == Participation.id)
    )


@cache
def _key_of_form() -> Select[int]:
    return select(Assessment.id).where(Assessment.uid == bindparam("uid"))


@cache
def _visible_form(scope: Scope) -> FormRow:
    """Built once: every page and every save of a form begins with it."""
    return _forms().where(visible_within(scope), Assessment.uid == bindparam("uid"))


def get_visible_form(actor: Actor, uid: str, *, lock: bool = False) -> Form:
    """The form with this address, in the actor's scope; raises `NotFound`, `NotHandedIn`.

    A draft is its own unit's alone: everybody else sees a form only once it was handed in. With `lock` its
    row is held until the transaction ends, so that what is decided on it stays true (PostgreSQL; on SQLite
    the write transaction has the whole database). The rows around it are read by a statement of their own
    afterwards: one that waits for a lock sees them as they were before it waited.
    """
    if lock:
        hold(_key_of_form(), {"uid": uid})
    statement, values = _visible_form(scope_of(actor)), scope_values(actor) | {"uid": uid}
    row = session.execute(statement, values, execution_options={"populate_existing": lock}).one_or_none()
    if row is None:
        raise NotFound()
    form = Form(*row)
    if form.participation.unit_id != actor.unit_id and form.assessment.state not in HANDED_IN:
        raise NotHandedIn()
    return form


def previous_profile(form: Form) -> tuple[SchoolProfile, str] | None:
    """What the unit last said of itself in an earlier round, with the school year; None for never."""
    row = session.execute(
        select(SchoolProfile, Round.school_year)
        .join(Participation, Participation.id == SchoolProfile.participation_id)
        .join(Round, Round.id == Participation.round_id)
        .where(
            Participation.unit_id == form.participation.unit_id,
            Round.opens_at < form.round.opens_at,
            Round.purpose != PRACTICE,
            SchoolProfile.version > 0,
        )
        .order_by(Round.opens_at.desc(), Round.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def lock_forms(form_ids: Collection[int]) -> list[Form]:
    """The forms with these keys as they stand once every one is held until the transaction ends.

    Always in the order of their keys, so that two callers never wait for each other. Call it before any of
    them is held by itself.
    """
    hold(select(Assessment.id).where(Assessment.id.in_(form_ids)).order_by(Assessment.id))
    found = _forms().where(Assessment.id.in_(form_ids)).order_by(Assessment.id)
    rows = session.execute(found, execution_options={"populate_existing": True})
    return [Form(*row) for row in rows]


@cache
def _form_by_key() -> FormRow:
    return _forms().where(Assessment.id == bindparam("key"))


def form_of(assessment_id: int, *, lock: bool = False) -> Form:
    """The form with this key, for code that got it from a row; `lock` as above. Raises `NotFound`."""
    if lock:
        hold(select(Assessment.id).where(Assessment.id == assessment_id))
    options = {"populate_existing": lock}
    row = session.execute(_form_by_key(), {"key": assessment_id}, execution_options=options).one_or_none()
    if row is None:
        raise NotFound()
    return Form(*row)


def list_forms_of_unit(actor: Actor) -> list[Form]:
    """The forms of the actor's own unit with their criteria sets, the newest round first."""
    rows = session.execute(
        _forms()
        .where(visible_participations(actor), Participation.unit_id == actor.unit_id)
        .order_by(Round.opens_at.desc(), Assessment.framework_version_id)
    ).all()
    return [Form(*row) for row in rows]


def newest_editable_form(unit_id: int) -> str | None:
    """The public id of the form a unit fills in now; practice only where there is no other."""
    return session.scalar(
        select(Assessment.uid)
        .join(Participation, Participation.id == Assessment.participation_id)
        .join(Round, Round.id == Assessment.round_id)
        .where(Participation.unit_id == unit_id, Assessment.state.in_(EDITABLE), Round.state == OPEN)
        .order_by(Round.purpose == PRACTICE, Round.opens_at.desc(), Assessment.framework_version_id)
        .limit(1)
    )


def list_sisters(participation_id: int) -> list[Form]:
    """Every form of one unit in one round with the rows around it."""
    statement = _forms().where(Assessment.participation_id == participation_id)
    return [Form(*row) for row in session.execute(statement.order_by(Assessment.id))]


def sister_forms(participation_id: int) -> Sequence[Assessment]:
    """Every form of one unit in one round: they share its profile."""
    return session.scalars(
        select(Assessment).where(Assessment.participation_id == participation_id).order_by(Assessment.id)
    ).all()
