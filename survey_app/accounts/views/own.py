"""One's own account: details, password, second factor, and the browsers one is signed in with."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import queries, second_factor, service, sessions
from survey_app.accounts.cookies import asked_of_me, caller, oldest_sign_in, remember
from survey_app.accounts.forms import DetailsForm, OwnPasswordForm, ProofForm
from survey_app.accounts.passwords import hash_password, hashing
from survey_app.accounts.views.blueprint import bp
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import begin_write

TRIES, WINDOW = 10, timedelta(minutes=15)


@bp.get("/account/own")
@requires("account.own")
def own() -> ResponseReturnValue:
    """My name and phone, my e-mail address, my password, my second factor, my signed-in browsers."""
    user = queries.get_user(acting().user_id)
    return show_own(DetailsForm(obj=user), OwnPasswordForm(), ProofForm())


def show_own(
    details: DetailsForm, password: OwnPasswordForm, proof: ProofForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page with these forms on it."""
    actor = acting()
    return render_template(
        "accounts/own.html",
        user=queries.get_user(actor.user_id),
        details=details,
        password=password,
        proof=proof or ProofForm(formdata=None),
        factor=second_factor.state_of(actor.user_id),
        factor_asked=asked_of_me(),
        workplaces=len(queries.workplaces_of([actor.user_id]).get(actor.user_id, [])),
        sessions=queries.open_sessions(actor.user_id, oldest_sign_in(clock.now())),
    ), status


@bp.post("/account/own")
@requires("account.own")
def change_details() -> ResponseReturnValue:
    """Store my name and phone."""
    actor, form = acting(), DetailsForm()
    user = queries.get_user(actor.user_id)
    if not form.validate_on_submit():
        return show_own(form, OwnPasswordForm(formdata=None), status=422)
    name, phone = form.name.data, form.phone.data or ""
    service.change_details(user, name=name, phone=phone, actor=actor, now=clock.now())
    flash(gettext("Đã lưu thông tin."))
    return redirect(url_for(".own"))


@bp.post("/account/own/password")
@requires("account.own", slow=True)
def change_password() -> ResponseReturnValue:
    """Change my password: every other browser is signed out, this one goes on in a new session."""
    actor, now = acting(), clock.now()
    service.throttle("own_password", str(actor.user_id), TRIES, WINDOW, now)
    user, form = queries.get_user(actor.user_id), OwnPasswordForm()
    form.login, stored = user.login, user.password
    valid = form.validate_on_submit()
    begin_write()  # ends the read; nothing is locked while the passwords are hashed
    if valid and not hashing().verify(stored, form.current.data):
        form.current.errors = [gettext("Mật khẩu hiện nay chưa đúng.")]
        valid = False
    if not valid:
        return show_own(DetailsForm(formdata=None, obj=queries.get_user(actor.user_id)), form, status=422)
    hashed = hash_password(form.password.data)
    user = service.set_password(queries.get_user(actor.user_id), hashed, actor=actor, now=now)
    sid = sessions.start(user.id, actor.membership_id, caller=caller(), now=now)
    remember(sid, now)
    flash(gettext("Đã đổi mật khẩu. Các thiết bị khác đã được đăng xuất."))
    return redirect(url_for(".own"))


@bp.post("/account/own/sessions/<int:session_id>/end")
@requires("account.own")
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign one of my other browsers out."""
    actor = acting()
    sessions.end_own(session_id, actor=actor, now=clock.now())
    flash(gettext("Đã đăng xuất khỏi thiết bị đó."))
    return redirect(url_for(".own"))
