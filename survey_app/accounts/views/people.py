"""The people an officer or a head looks after: list, one account, roles, locking, codes, second factor."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import codes, queries, scope, second_factor, service
from survey_app.accounts.forms import MembershipForm
from survey_app.accounts.models import User
from survey_app.accounts.views.blueprint import STATE_NAMES, bp
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.web import page_number
from survey_app.organisations import queries as organisations
from survey_app.rules.errors import NotAllowed, NotFound, RuleError
from survey_app.rules.permissions import GRANTABLE, ROLE_NAMES, Role


@bp.get("/accounts")
@requires("accounts.manage")
def index() -> ResponseReturnValue:
    """People, narrowed by words (marks aside), role, ward and state; 50 a page."""
    actor, args = acting(), request.args
    wanted = scope.AccountFilter(
        text=args.get("q", "")[:120],
        role=args["role"] if args.get("role") in ROLE_NAMES else "",
        ward_uid=args.get("ward", "")[:32],
        state=args["state"] if args.get("state") in STATE_NAMES else "",
    )
    return render_template(
        "accounts/list.html",
        page=scope.list_accounts(actor, wanted, page_number()),
        wanted=wanted,
        wards=organisations.list_wards(actor),
    )


@bp.get("/accounts/<uid>")
@requires("accounts.manage")
def show(uid: str) -> ResponseReturnValue:
    """One account: who, how to reach them, their roles now and before."""
    return _show(scope.get_account(acting(), uid), MembershipForm())


def _show(user: User, form: MembershipForm, status: int = 200) -> ResponseReturnValue:
    actor = acting()
    form.offer(_grantable())
    places = queries.workplaces_of([user.id], scope.managed_units(actor), ended=True).get(user.id, [])
    return render_template(
        "accounts/show.html",
        user=user,
        state=scope.account_state(user),
        places=places,
        grantable=GRANTABLE[actor.role],
        stands_above=scope.stands_above(actor, user.id),
        open_code=scope.open_code(user.id),
        factor=second_factor.state_of(user.id),
        form=form,
        now=clock.now(),
    ), status


def _grantable() -> list[Role]:
    """The roles the actor may give, in the order of the role names."""
    return [role for role in ROLE_NAMES if role in GRANTABLE[acting().role]]


@bp.post("/accounts/<uid>/memberships")
@requires("accounts.manage")
def add_membership(uid: str) -> ResponseReturnValue:
    """Give the person a further role at a unit of the actor's."""
    actor, form = acting(), MembershipForm()
    user = scope.get_account(actor, uid)
    form.offer(list(ROLE_NAMES))  # a role above the actor's own is refused by the service: 403, and noted
    if not form.validate_on_submit():
        return _show(user, form, 422)
    try:
        unit = scope.get_unit_by_code(actor, form.unit_code.data)
        service.add_membership(
            user,
            unit,
            Role(form.role.data),
            position=form.position.data or "",
            actor=actor,
            now=clock.now(),
        )
    except NotFound:
        form.unit_code.errors = [gettext("Không có đơn vị nào mang mã này trong phạm vi quản lý.")]
        return _show(user, form, 422)
    except NotAllowed:
        raise
    except RuleError as error:
        form.role.errors = [gettext(error.message)]
        return _show(user, form, 422)
    flash(gettext("Đã thêm vai trò. Người này cần đăng nhập lại."))
    return redirect(url_for(".show", uid=uid))


@bp.post("/accounts/<uid>/memberships/<int:membership_id>/end")
@requires("accounts.manage")
def end_membership(uid: str, membership_id: int) -> ResponseReturnValue:
    """Take a role away: the person's sessions end at once."""
    actor = acting()
    user = scope.get_account(actor, uid)
    service.end_membership(queries.get_membership(membership_id, user.id), actor=actor, now=clock.now())
    flash(gettext("Đã kết thúc vai trò."))
    return redirect(url_for(".show", uid=uid))


@bp.post("/accounts/<uid>/deactivate")
@requires("accounts.manage")
def deactivate(uid: str) -> ResponseReturnValue:
    """Lock the account."""
    actor = acting()
    service.deactivate(scope.get_account(actor, uid), actor=actor, now=clock.now())
    flash(gettext("Đã khóa tài khoản."))
    return redirect(url_for(".show", uid=uid))


@bp.post("/accounts/<uid>/reactivate")
@requires("accounts.manage")
def reactivate(uid: str) -> ResponseReturnValue:
    """Unlock the account."""
    actor = acting()
    service.reactivate(scope.get_account(actor, uid), actor=actor, now=clock.now())
    flash(gettext("Đã mở khóa tài khoản."))
    return redirect(url_for(".show", uid=uid))


@bp.get("/accounts/<uid>/code")
@requires("accounts.manage")
def after_code(uid: str) -> ResponseReturnValue:
    """The address of a code opened again: the code is gone, the account is where a new one comes from."""
    flash(gettext("Mã kích hoạt chỉ hiện một lần. Cần mã khác thì bấm “Cấp mã kích hoạt mới”."), "warning")
    return redirect(url_for(".show", uid=uid))


@bp.post("/accounts/<uid>/code")
@requires("accounts.manage")
def issue_code(uid: str) -> ResponseReturnValue:
    """A new activation code, shown in this answer and nowhere later."""
    actor, now, code = acting(), clock.now(), codes.draw()
    user = scope.get_account(actor, uid)
    row = codes.issue(user, code, actor=actor, now=now)
    return render_template("accounts/code.html", user=user, code=code, expires_at=row.expires_at)


@bp.post("/accounts/<uid>/second-factor/reset")
@requires("accounts.manage")
def reset_second_factor(uid: str) -> ResponseReturnValue:
    """Take away the second factor of somebody who lost it."""
    actor = acting()
    second_factor.reset(scope.get_account(actor, uid), actor=actor, now=clock.now())
    flash(gettext("Đã đặt lại xác nhận hai bước và báo cho người này."))
    return redirect(url_for(".show", uid=uid))
