"""What a unit says of itself in a round: the yes/no facts that decide what applies, and its size."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from survey_app.assessments import queries
from survey_app.assessments.models import SchoolProfile
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import check_editable, recount
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.rules.errors import N_, RuleError
from survey_app.rules.workflow import State


class ProfileLocked(RuleError):
    """A form of the same unit that was handed in has used the fact that is to be changed."""

    message = N_("Phiếu đã nộp của trường dùng thông tin này nên không đổi được. Hãy rút phiếu đó trước.")


class ProfileChanged(RuleError):
    """Somebody else saved the profile meanwhile."""

    message = N_("Có người vừa lưu thông tin nhà trường. Hãy xem lại rồi lưu.")


@dataclass(frozen=True)
class Size:
    """How many classes and pupils a unit has; None where it has not said."""

    classes: int | None = None
    pupils: int | None = None


def save_profile(
    form: Form,
    facts: Mapping[str, bool],
    size: Size | None = None,
    *,
    base_version: int,
    actor: Actor,
    now: datetime,
) -> SchoolProfile:
    """Store the yes/no facts that this form's set asks for and, when given, the unit's size.

    Every form of the unit is counted anew; its size changes no score, so a form handed in leaves it open.

    Every form of the unit is held while it happens, so `form` itself must not be held before. Raises
    `ProfileLocked`, `ProfileChanged`, `WrongState`, `DeadlinePassed`.
    """
    forms = queries.lock_forms([sister.id for sister in queries.sister_forms(form.participation.id)])
    form = next(sister for sister in forms if sister.assessment.id == form.assessment.id)
    check_editable(form, None, now=now)
    profile = form.profile or SchoolProfile(participation_id=form.participation.id, facts={}, version=0)
    if profile.version != base_version:
        raise ProfileChanged()
    asked = {question.code for question in form.framework.profile}
    old = dict(profile.facts)
    new = old | {code: value for code, value in facts.items() if code in asked}
    if any(new[code] != old.get(code) for code in locked_questions(forms) & new.keys()):
        raise ProfileLocked()
    profile.facts = new
    if size is not None:
        old, new = old | _said(profile), new | asdict(size)
        profile.classes, profile.pupils = size.classes, size.pupils
    profile.version, profile.updated_at, profile.updated_by_id = base_version + 1, now, actor.user_id
    session.add(profile)
    session.flush()
    for sister in queries.lock_forms([sister.assessment.id for sister in forms]):
        recount(sister)
    audit.record(actor, "profile.save", form.assessment, now=now, old=old, new=new)
    return profile


def _said(profile: SchoolProfile) -> dict[str, Any]:
    return asdict(Size(profile.classes, profile.pupils))


def locked_questions(forms: Iterable[Form]) -> set[str]:
    """The profile questions that a form which was handed in has used: they stay until it is withdrawn."""
    handed_in = (form for form in forms if form.assessment.state != State.DRAFT)
    return {question.code for form in handed_in for question in form.framework.profile}
