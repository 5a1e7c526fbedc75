"""Who checks a unit: its managing authority when the round opens, changed by hand where practice differs."""

from datetime import datetime

from sqlalchemy import update

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.notices.service import notify_units
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds import queries
from survey_app.rounds.models import Participation
from survey_app.rounds.ports import forms
from survey_app.rounds.service.states import BadField, RoundMoved, check_round_open, need_reason
from survey_app.rules.errors import N_, RuleError
from survey_app.rules.workflow import State

# A form that an authority holds or has concluded stays with it.
FREE = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED, State.RESUBMITTED})


class BeingChecked(RuleError):
    """A form of the unit is being checked or is concluded (409)."""

    message = N_("Phiếu của đơn vị đang được kiểm tra hoặc đã xác nhận nên chưa đổi được đơn vị kiểm tra.")


def set_reviewing_unit(
    participation: Participation,
    unit: OrganisationUnit,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Participation:
    """Let another unit of the same department check this one, with a reason; all three are told.

    Raises `BadField` for a unit that does not check or is the present one, `RoundNotOpen`,
    `BeingChecked`, and `RoundMoved` when somebody else changed it meanwhile.
    """
    round_, before = participation.round, participation.reviewing_unit
    check_round_open(round_)
    reason = need_reason(reason)
    if unit.id not in {known.id for known in queries.reviewing_units(round_.department_id)}:
        raise BadField("unit", N_("Đơn vị kiểm tra phải là Sở hoặc một xã, phường trên địa bàn."))
    if unit.id == before.id:
        raise BadField("unit", N_("Đơn vị này đang kiểm tra rồi. Hãy chọn đơn vị khác."))
    states = forms.get().states([participation.id]).get(participation.id, ())
    if any(form.state not in FREE for form in states):
        raise BeingChecked()
    _hand_over(participation, before.id, unit.id)
    notify_units(
        [participation.unit_id, before.id, unit.id],
        kind="reviewer.changed",
        title=f"{participation.unit_name} ({participation.ward_name}): {unit.name} kiểm tra",
        body=f"{round_.title}. Trước đây: {before.name}. Lý do: {reason}",
        url=f"/rounds/{round_.uid}",
        sender_id=round_.department_id,
        now=now,
    )
    new = {"unit": unit.code, "reason": reason}
    audit.record(actor, "participation.reviewer", participation, old={"unit": before.code}, new=new, now=now)
    return participation


def _hand_over(participation: Participation, before_id: int, after_id: int) -> None:
    done = session.execute(
        update(Participation)
        .where(Participation.id == participation.id, Participation.reviewing_unit_id == before_id)
        .values(reviewing_unit_id=after_id, reviewer_by_hand=True)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(done) != 1:
        raise RoundMoved()
    session.refresh(participation)
