"""One's own e-mail address, proving it, and setting a forgotten password by a link that was sent there."""

from contextlib import suppress
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import email_links, queries, service
from survey_app.accounts.cookies import caller
from survey_app.accounts.forms import (
    EmailCodeForm,
    ForgottenForm,
    OwnEmailForm,
    ResetForm,
    WantsMailForm,
)
from survey_app.accounts.models import CONFIRM, RESET
from survey_app.accounts.passwords import hash_password, hashing
from survey_app.accounts.ports import messenger
from survey_app.accounts.throttling import address_key
from survey_app.accounts.views.blueprint import bp
from survey_app.core import clock
from survey_app.core.access import acting, public, requires
from survey_app.core.db import begin_write
from survey_app.core.mail import mail_is_on
from survey_app.rules.errors import RuleError

CODES, CODE_WINDOW = 20, timedelta(minutes=15)  # codes typed at one address
ASKED, ASK_WINDOW = 4, timedelta(hours=1)  # letters asked for by one address for one account
ASKED_BY_ADDRESS = 30  # … and for any: a whole school stands behind one address


@bp.get("/account/own/email")
@requires("account.own")
def own_email() -> ResponseReturnValue:
    """My e-mail address, whether it is proved, and whether notices go there."""
    return _show(OwnEmailForm(formdata=None, obj=queries.get_user(acting().user_id)))


def _show(form: OwnEmailForm, status: int = 200) -> ResponseReturnValue:
    user = queries.get_user(acting().user_id)
    wants = WantsMailForm(formdata=None, obj=user)
    page = render_template("accounts/own_email.html", user=user, form=form, wants=wants, mail_on=mail_is_on())
    return page, status


@bp.post("/account/own/email")
@requires("account.own", slow=True)
def change_email() -> ResponseReturnValue:
    """Store another address, or none; a letter with a link to prove it goes there."""
    actor, now, form = acting(), clock.now(), OwnEmailForm()
    service.throttle("own_password", str(actor.user_id), 10, CODE_WINDOW, now)
    stored, valid = queries.get_user(actor.user_id).password, form.validate_on_submit()
    begin_write()  # ends the read; nothing is locked while the password is hashed
    if valid and not hashing().verify(stored, form.current.data):
        form.current.errors, valid = [gettext("Mật khẩu hiện nay chưa đúng.")], False
    if not valid:
        return _show(form, 422)
    user = queries.get_user(actor.user_id)
    try:
        service.change_email(user, form.email.data or None, actor=actor, now=now)
    except RuleError as error:
        form.email.errors = [gettext(error.message)]
        return _show(form, 422)
    sent = user.email and not user.email_confirmed_at and mail_is_on()
    flash(_sent() if sent else gettext("Đã lưu thư điện tử."))
    return redirect(url_for(".own_email"))


def _sent() -> str:
    return str(gettext("Đã gửi thư xác nhận. Hãy mở thư và bấm liên kết trong vòng 1 giờ."))


@bp.post("/account/own/email/wanted")
@requires("account.own")
def change_wants_mail() -> ResponseReturnValue:
    """Notices by e-mail on or off."""
    actor, form = acting(), WantsMailForm()
    if form.validate_on_submit():
        user = queries.get_user(actor.user_id)
        service.set_wants_mail(user, bool(form.wants_mail.data), actor=actor, now=clock.now())
        flash(gettext("Đã lưu lựa chọn nhận thư."))
    return redirect(url_for(".own_email"))


@bp.post("/account/own/email/send")
@requires("account.own")
def send_confirmation() -> ResponseReturnValue:
    """Another letter that proves my address."""
    actor, now = acting(), clock.now()
    service.throttle("email_confirm", str(actor.user_id), ASKED, ASK_WINDOW, now)
    messenger.get().send_link(CONFIRM, actor.user_id, now=now)
    flash(_sent())
    return redirect(url_for(".own_email"))


@bp.route("/account/email", methods=["GET", "POST"])
@public(slow=True)
def confirm_email() -> ResponseReturnValue:
    """Prove an address with the code of the letter; opening the page changes nothing, the button does."""
    form = EmailCodeForm()
    if request.method == "POST":
        now = _count_code()
        if form.validate_on_submit():
            begin_write()
            with suppress(email_links.BadLink):
                user = email_links.confirm(form.code.data, caller=caller(), now=now)
                return render_template("accounts/email_confirmed.html", email=user.email)
            form.code.errors = [gettext(email_links.BadLink.message)]
    return render_template("accounts/email_confirm.html", form=form), _status(form)


def _count_code() -> datetime:
    now = clock.now()
    service.throttle("email_code", address_key(caller().address), CODES, CODE_WINDOW, now)
    return now


def _status(form: EmailCodeForm | ResetForm | ForgottenForm) -> int:
    return 422 if form.errors else 200


@bp.route("/account/forgotten", methods=["GET", "POST"])
@public(slow=True)
def forgotten() -> ResponseReturnValue:
    """Ask for a letter to set a new password: the same work and the same answer for whoever is named."""
    form = ForgottenForm()
    if request.method == "POST" and mail_is_on():
        now, address = clock.now(), address_key(caller().address)
        service.throttle("forgotten_address", address, ASKED_BY_ADDRESS, ASK_WINDOW, now)
        if form.validate_on_submit():
            pair = f"{form.login.data.lower()}|{address}"
            service.throttle("forgotten", pair, ASKED, ASK_WINDOW, now)
            user_id = queries.find_reachable(form.login.data)
            begin_write()
            messenger.get().send_link(RESET, user_id, now=now)
            return redirect(url_for(".reset_password", asked=1))
    return render_template("accounts/forgotten.html", form=form, mail_on=mail_is_on()), _status(form)


@bp.route("/account/reset", methods=["GET", "POST"])
@public(slow=True)
def reset_password() -> ResponseReturnValue:
    """A new password with the code of the letter; then one signs in like everybody."""
    form = ResetForm()
    if request.method == "POST":
        now, owner = _count_code(), None
        with suppress(email_links.BadLink):
            owner = email_links.check(RESET, form.code.data or "", now=now)
        form.login = owner.login if owner else ""
        valid = form.validate_on_submit()
        if owner is None and not form.code.errors:
            form.code.errors, valid = [gettext(email_links.BadLink.message)], False
        if valid:
            begin_write()  # ends the read; nothing is locked while the password is hashed
            hashed = hash_password(form.password.data)
            email_links.reset(form.code.data, hashed, caller=caller(), now=now)
            flash(gettext("Đã đặt mật khẩu mới. Hãy đăng nhập bằng mật khẩu này."))
            return redirect(url_for("security.login"))
    asked = request.method == "GET" and request.args.get("asked") == "1"
    return render_template("accounts/reset.html", form=form, asked=asked), _status(form)
