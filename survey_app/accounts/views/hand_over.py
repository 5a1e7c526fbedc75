"""Handing a role over: who takes it, what happens at once, the code for the successor."""

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import handing_over, queries, scope, service
from survey_app.accounts.forms import HAS_ACCOUNT, HandOverForm
from survey_app.accounts.handing_over import NewPerson
from survey_app.accounts.models import Membership, User
from survey_app.accounts.passwords import hashing
from survey_app.accounts.ports import duties
from survey_app.accounts.views.blueprint import bp
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import begin_write
from survey_app.organisations.models import SCHOOL
from survey_app.rules.errors import NotAllowed, NotFound, RuleError

TRIES, WINDOW = 10, timedelta(minutes=15)
ERROR_PLACES: dict[type[RuleError], str] = {
    service.LoginTaken: "login",
    service.BadLogin: "login",
    handing_over.SamePerson: "account",
    handing_over.LockedSuccessor: "account",
}


@bp.route("/accounts/units/<uid>/hand-over/<int:membership_id>", methods=["GET", "POST"])
@requires("accounts.manage", slow=True)
def hand_over(uid: str, membership_id: int) -> ResponseReturnValue:
    """Name the successor; the code for them is in this answer and nowhere later."""
    membership, form = _membership(uid, membership_id), HandOverForm()
    own = membership.id == acting().membership_id
    form.asks_login, form.asks_password = membership.unit.kind != SCHOOL, own
    if not form.is_submitted():
        return _show(membership, form)
    if own:
        service.throttle("own_password", str(acting().user_id), TRIES, WINDOW, clock.now())
        membership = _membership(uid, membership_id)
    valid, stored = form.validate(), queries.get_user(acting().user_id).password
    begin_write()  # ends the read; nothing is locked while the password is hashed
    if valid and own and not hashing().verify(stored, form.current.data):
        form.current.errors, valid = [gettext("Mật khẩu hiện nay chưa đúng.")], False
    return _hand_over(_membership(uid, membership_id), form, valid)


def _membership(uid: str, membership_id: int) -> Membership:
    """An open role at a unit of the actor's that they may hand over. Raises `NotFound`, `NotAllowed`."""
    unit = scope.get_unit(acting(), uid)
    membership = queries.open_membership_of(unit.id, membership_id)
    if not handing_over.may_hand_over(acting(), membership):
        raise NotAllowed()
    return membership


def _show(membership: Membership, form: HandOverForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "accounts/hand_over.html",
        membership=membership,
        unit=membership.unit,
        form=form,
        own=membership.id == acting().membership_id,
        desk=duties.get().count(membership.unit_id, membership.user_id),
    )
    return page, status


def _hand_over(membership: Membership, form: HandOverForm, valid: bool) -> ResponseReturnValue:
    actor, position = acting(), form.position.data or ""
    if not valid:
        return _show(membership, form, 422)
    try:
        successor = _successor(form, position)
        done = handing_over.hand_over(membership, successor, position=position, actor=actor, now=clock.now())
    except NotFound:
        form.account.errors = [
            gettext("Không có tài khoản này trong phạm vi quản lý. Hãy chọn “Người chưa có tài khoản”.")
        ]
    except tuple(ERROR_PLACES) as error:
        form[ERROR_PLACES[type(error)]].errors = [gettext(error.message)]
    else:
        own = membership.user_id == actor.user_id
        return render_template("accounts/handed_over.html", unit=membership.unit, done=done, own=own)
    return _show(membership, form, 422)


def _successor(form: HandOverForm, position: str) -> NewPerson | User:
    """Somebody the actor looks after, or a new person. Raises `NotFound`."""
    if form.who.data == HAS_ACCOUNT:
        return scope.get_account_by_login(acting(), form.account.data)
    return NewPerson(form.name.data, form.phone.data or "", position, form.login.data or "")
