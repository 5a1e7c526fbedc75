"""The second step of signing in, and going on with what an ended session left unsent."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from survey_app.accounts import codes, second_factor, second_step
from survey_app.accounts.authenticator import is_shaped_like_one
from survey_app.accounts.cookies import caller, go_in, held
from survey_app.accounts.forms import SecondStepForm
from survey_app.accounts.second_factor import BadSecondFactor
from survey_app.accounts.signing_in import (
    CheckedSignInForm,
    after_sign_in,
    ask_code,
    carried,
    next_page,
    typed_before,
)
from survey_app.accounts.views.blueprint import bp
from survey_app.core import clock
from survey_app.core.access import acting, public, requires


@bp.get("/account/second-step")
@public
def second_step_page() -> ResponseReturnValue:
    """Asks for a code whoever has just given the right password; everybody else for the password."""
    owing = second_step.waiting(held(), clock.now())
    if owing is None:
        return redirect(next_page())
    return ask_code(SecondStepForm(formdata=None, **carried()), owing.who.login)


@bp.post("/account/second-step")
@public(slow=True)
def take_second_step() -> ResponseReturnValue:
    """The right code opens the session."""
    now, form = clock.now(), SecondStepForm()
    owing = second_step.waiting(held(), now)
    if owing is None:
        return _start_again()
    if not (form.validate_on_submit() and form.typed):
        form.form_errors = [gettext("Hãy nhập mã xác nhận.")]
        return ask_code(form, owing.who.login, 422)
    typed = typed_before(owing.who.user_id)
    place = typed.membership_id if typed else None
    opened = second_step.sign_in(owing, form.typed, membership_id=place, caller=caller(), now=now)
    if opened is None:
        form.form_errors = [gettext(BadSecondFactor.message)]
        return ask_code(form, owing.who.login, 422)
    go_in(opened.sid, now)
    if not is_shaped_like_one(codes.tidy(form.typed)):
        _say_how_many_are_left(owing.who.user_id)
    return after_sign_in(typed)


def _start_again() -> ResponseReturnValue:
    """Too late, or used already: the password again, and nothing that was typed is lost."""
    form = CheckedSignInForm(formdata=None, **carried())
    form.form_errors = [gettext("Bước xác nhận đã quá 5 phút hoặc đã dùng. Hãy đăng nhập lại.")]
    return render_template("accounts/sign_in.html", login_user_form=form), 401


def _say_how_many_are_left(user_id: int) -> None:
    state = second_factor.state_of(user_id)
    left = state.codes_left if state else 0
    flash(
        ngettext(
            "Đã dùng một mã dự phòng, còn %(num)d mã.", "Đã dùng một mã dự phòng, còn %(num)d mã.", left
        ),
        "warning",
    )


@bp.post("/account/kept")
@requires("account.own")
def offer_kept() -> ResponseReturnValue:
    """What was typed when the last session ended, after a second factor had to be set up first."""
    typed = typed_before(acting().user_id)
    return after_sign_in(typed) if typed else redirect("/")
