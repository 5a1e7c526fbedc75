"""Coming in: activation by code, the first change of a password, the choice of a workplace."""

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import codes, queries, second_factor, second_step, service, sessions
from survey_app.accounts.cookies import caller, go_in, hold, must_set_up, remember, signed_in
from survey_app.accounts.forms import ActivateForm, FirstPasswordForm, WorkplaceForm
from survey_app.accounts.models import User
from survey_app.accounts.passwords import hash_password
from survey_app.accounts.signing_in import next_page, signed_out_answer
from survey_app.accounts.throttling import Fence, address_key, check_fences, record_failure
from survey_app.accounts.views.blueprint import bp
from survey_app.core import clock
from survey_app.core.access import public
from survey_app.core.db import begin_write
from survey_app.core.web import back_to

CODE_WINDOW = timedelta(minutes=15)
CODE_LIMIT = 20


@bp.get("/account/activate")
@public
def activate() -> ResponseReturnValue:
    """Where a person with a code sets a password."""
    return render_template("accounts/activate.html", form=ActivateForm())


@bp.post("/account/activate")
@public(slow=True)
def use_code() -> ResponseReturnValue:
    """Check the code, hash the password, then use the code up and sign in.

    Only codes that do not exist count against the address: a whole training room stands behind one.
    """
    now = clock.now()
    fences = [Fence("activate", address_key(caller().address), CODE_LIMIT, CODE_WINDOW)]
    check_fences(fences, now)
    form, owner = ActivateForm(), None
    try:
        owner = codes.check_code(form.code.data or "", now=now)
    except codes.BadCode:
        record_failure(fences, now)
    form.login = owner.login if owner else ""
    valid = form.validate_on_submit()
    if owner is None and not form.code.errors:
        form.code.errors, valid = [gettext(codes.BadCode.message)], False
    if valid:
        begin_write()  # ends the read; nothing is locked while the password is hashed
        hashed = hash_password(form.password.data)
        user = codes.activate(form.code.data, hashed, phone=form.phone.data, caller=caller(), now=now)
        return _come_in(user, now)
    return render_template("accounts/activate.html", form=form), 422


def _come_in(user: User, now: datetime) -> ResponseReturnValue:
    """A new password opens a session, unless a second factor is on: whoever issued the code lacks it."""
    if second_factor.state_of(user.id):
        hold(second_step.marker_for(user.id, user.password, now))
        target = url_for(".second_step_page", next=back_to("/"))
    else:
        go_in(sessions.open_for(user, caller=caller(), now=now).sid, now)
        target = next_page()
    flash(gettext("Đã kích hoạt. Lần sau đăng nhập bằng “%(login)s” và mật khẩu vừa đặt.", login=user.login))
    return redirect(target)


@bp.route("/account/first-password", methods=["GET", "POST"])
@public(slow=True)
def first_password() -> ResponseReturnValue:
    """A new password for a person who signed in with one that others know."""
    facts = signed_in()
    if facts is None:
        return signed_out_answer()
    if not facts.must_change_password:
        return redirect(next_page())
    form = FirstPasswordForm()
    form.login = queries.get_user(facts.user_id).login
    if not form.validate_on_submit():
        status = 422 if request.method == "POST" else 200
        return render_template("accounts/first_password.html", form=form, next=back_to("")), status
    now, who = clock.now(), caller()
    begin_write()
    hashed = hash_password(form.password.data)
    user = service.set_password(queries.get_user(facts.user_id), hashed, actor=None, caller=who, now=now)
    opened = sessions.open_for(user, membership_id=facts.membership_id, caller=who, now=now)
    go_in(opened.sid, now)
    flash(gettext("Đã đổi mật khẩu."))
    return redirect(next_page())


@bp.get("/account/workplaces")
@public
def workplaces() -> ResponseReturnValue:
    """The units a person may work for; with one there is nothing to choose."""
    return signed_out_answer() if _held_up() else _show_workplaces(WorkplaceForm())


def _held_up() -> bool:
    """True for a stranger, and while something else must be chosen or set up first."""
    facts = signed_in()
    return facts is None or facts.must_change_password or must_set_up(facts)


def _show_workplaces(form: WorkplaceForm, status: int = 200) -> ResponseReturnValue:
    facts = signed_in()
    assert facts is not None
    places = queries.workplaces_of([facts.user_id]).get(facts.user_id, [])
    form.offer([place.membership_id for place in places])
    form.next.data = back_to("")
    return render_template(
        "accounts/workplaces.html", form=form, places=places, chosen=facts.membership_id
    ), status


@bp.post("/account/workplaces")
@public
def choose_workplace() -> ResponseReturnValue:
    """Go on at another workplace, in a new session."""
    facts = signed_in()
    if facts is None or _held_up():
        return signed_out_answer()
    form, now = WorkplaceForm(), clock.now()
    places = queries.open_membership_ids(facts.user_id, now)
    form.offer(places)
    if not form.validate_on_submit():
        return _show_workplaces(form, 422)
    sid = sessions.move(facts.session_id, facts.user_id, form.membership.data, caller=caller(), now=now)
    remember(sid, now)
    return redirect(back_to("/"))
