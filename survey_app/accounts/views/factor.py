"""One's own second factor: set it up, draw new recovery codes, switch it off."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import authenticator, codes, queries, second_factor, service, sessions
from survey_app.accounts.cookies import asked_of_me, caller, go_in, must_set_up, signed_in
from survey_app.accounts.forms import DetailsForm, OwnPasswordForm, ProofForm, SetUpForm
from survey_app.accounts.models import User
from survey_app.accounts.passwords import hashing
from survey_app.accounts.queries import SessionFacts
from survey_app.accounts.second_factor import BadSecondFactor, Fitting
from survey_app.accounts.signing_in import (
    draft_owner,
    next_page,
    offer_set_up,
    set_up_page,
    signed_out_answer,
)
from survey_app.accounts.views.blueprint import bp
from survey_app.accounts.views.own import TRIES, WINDOW, show_own
from survey_app.core import clock
from survey_app.core.access import acting, current_actor, public, requires
from survey_app.core.db import begin_write
from survey_app.core.web import back_to


@bp.get("/account/second-factor")
@public
def set_up_second_factor() -> ResponseReturnValue:
    """The secret as a QR code and in letters; also for who may do nothing else before."""
    facts = signed_in()
    if facts is None or facts.must_change_password:
        return signed_out_answer()
    if facts.has_second_factor:
        return redirect(next_page())
    return offer_set_up(facts, next=back_to(""))


@bp.post("/account/second-factor")
@public(slow=True)
def switch_on_second_factor() -> ResponseReturnValue:
    """A code of the app shows that it holds the secret: on from now. This answer holds the recovery codes."""
    facts, now, form = signed_in(), clock.now(), SetUpForm()
    if facts is None or facts.must_change_password:
        return signed_out_answer()
    if not must_set_up(facts):
        service.throttle("own_password", str(facts.user_id), TRIES, WINDOW, now)
    else:
        del form.password
    secret = hashing().unseal(form.draft.data or "", draft_owner(facts))
    if secret is None:  # the page of another session
        flash(gettext("Mã QR của trang trước không còn dùng được. Hãy quét mã mới."), "warning")
        return redirect(url_for(".set_up_second_factor", next=back_to("") or None))
    counter = _counter_shown(form, secret, facts, now)
    if counter is None:
        return set_up_page(facts, form, secret, 422)
    user = queries.get_user(facts.user_id)
    drawn = second_factor.switch_on(user, secret, counter, actor=current_actor(), caller=caller(), now=now)
    return _show_codes(user, drawn, facts, now)


def _counter_shown(form: SetUpForm, secret: bytes, facts: SessionFacts, now: datetime) -> int | None:
    """The step of the code typed; None, with the form's errors set, unless all is right."""
    stored = queries.get_user(facts.user_id).password
    valid = form.validate_on_submit()
    begin_write()  # ends the read; nothing is locked while the password is hashed
    if valid and "password" in form and not hashing().verify(stored, form.password.data):
        form.password.errors = [gettext("Mật khẩu hiện nay chưa đúng.")]
        valid = False
    typed = codes.tidy(form.code.data or "")
    counter = authenticator.counter_of(secret, typed, now=now) if valid else None
    if valid and counter is None:
        form.code.errors = [
            gettext("Mã chưa đúng. Hãy nhập mã đang hiện trong ứng dụng và kiểm tra giờ của điện thoại.")
        ]
    return counter


def _show_codes(user: User, drawn: list[str], facts: SessionFacts, now: datetime) -> ResponseReturnValue:
    """The codes, once; in a new session, for the second factor ended all of them."""
    go_in(sessions.start(user.id, facts.membership_id, caller=caller(), now=now), now)
    return render_template(
        "accounts/recovery_codes.html",
        user=user,
        codes=drawn,
        now=now,
        next=next_page(),
        kept=request.form.get("kept", ""),
        seal=request.form.get("seal", ""),
    )


def _proof(form: ProofForm, now: datetime) -> Fitting | None:
    """The code typed, when it and the password are right; None with the form's errors set. Takes the lock."""
    actor = acting()
    service.throttle("own_password", str(actor.user_id), TRIES, WINDOW, now)
    user, fitting = queries.get_user(actor.user_id), None
    stored, valid = user.password, form.validate_on_submit()
    try:
        if valid:
            fitting = second_factor.find_fitting(user.id, user.uid, form.code.data, now=now)
    except BadSecondFactor as error:
        form.code.errors = [gettext(error.message)]
    begin_write()  # ends the read; nothing is locked while the password is hashed
    if valid and not hashing().verify(stored, form.password.data):
        form.password.errors, fitting = [gettext("Mật khẩu hiện nay chưa đúng.")], None
    return fitting


@bp.post("/account/second-factor/codes")
@requires("account.own", slow=True)
def renew_recovery_codes() -> ResponseReturnValue:
    """Ten new recovery codes in this answer; the old ones are worth nothing."""
    form, now, actor = ProofForm(), clock.now(), acting()
    fitting = _proof(form, now)
    if fitting is None:
        return show_own(DetailsForm(formdata=None, obj=_me()), OwnPasswordForm(formdata=None), form, 422)
    second_factor.take(fitting, now=now)
    drawn = second_factor.renew_codes(_me(), actor=actor, now=now)
    return render_template(
        "accounts/recovery_codes.html", user=_me(), codes=drawn, now=now, next=url_for(".own")
    )


@bp.post("/account/second-factor/off")
@requires("account.own", slow=True)
def switch_off_second_factor() -> ResponseReturnValue:
    """A password is enough from now on; refused where the role asks for the second factor."""
    form, now, actor = ProofForm(), clock.now(), acting()
    fitting = _proof(form, now)
    if fitting is None:
        return show_own(DetailsForm(formdata=None, obj=_me()), OwnPasswordForm(formdata=None), form, 422)
    second_factor.take(fitting, now=now)
    second_factor.switch_off(_me(), asked_of_role=asked_of_me(), actor=actor, now=now)
    go_in(sessions.start(actor.user_id, actor.membership_id, caller=caller(), now=now), now)
    flash(gettext("Đã tắt xác nhận hai bước. Các thiết bị khác đã được đăng xuất."))
    return redirect(url_for(".own"))


def _me() -> User:
    return queries.get_user(acting().user_id)
