"""Signing in and out through the library's two views, and what a caller without a session gets."""

from dataclasses import dataclass
from typing import Any

from flask import (
    Response,
    after_this_request,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security.utils import get_message

from survey_app.accounts import authenticator, kept, queries, second_step, sessions
from survey_app.accounts.cookies import caller, forget, go_in, hold, must_set_up, signed_in
from survey_app.accounts.forms import SecondStepForm, SetUpForm, SignInForm
from survey_app.accounts.passwords import hashing
from survey_app.accounts.queries import Credentials, SessionFacts
from survey_app.core import clock
from survey_app.core.edge import sentence_for, wants_json
from survey_app.core.web import back_to
from survey_app.documents.qr import qr_picture
from survey_app.rules.errors import N_

HANDED_OVER = N_(
    "Đơn vị đã được bàn giao cho người khác nên phiên làm việc này đã kết thúc. "
    "Nếu Thầy/Cô không biết việc bàn giao, hãy báo ngay cơ quan quản lý trực tiếp."
)


class CheckedSignInForm(SignInForm):
    """The sign-in form as the library's view uses it: valid when the password is right, with `user` set."""

    user: "LibraryUser | None" = None
    requires_confirmation = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = back_to("")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check the password; one answer for everything that can be wrong with it."""
        if not super().validate(*args, **kwargs):
            return False
        found = sessions.check_credentials(
            self.email.data, self.password.data, caller=caller(), now=clock.now()
        )
        if found is None:
            self.form_errors.append(get_message("GENERIC_AUTHN_FAILED")[0])
            return False
        self.user, g.checked = LibraryUser(found.uniquifier), found
        return True


@dataclass(frozen=True)
class LibraryUser:
    """The signed-in person as Flask-Login wants to see one."""

    fs_uniquifier: str
    is_authenticated = True
    is_active = True
    is_anonymous = False
    roles = ()

    def get_id(self) -> str:
        """The key of this person in the library's eyes."""
        return self.fs_uniquifier


def library_user(_request: Any) -> LibraryUser | None:
    """Who the library's views take the caller for: the owner of our session, never its own cookie."""
    facts = signed_in()
    return LibraryUser(facts.uniquifier) if facts else None


def on_authenticated(_app: Any, **_more: Any) -> None:
    """The password is right: open the session under the write lock, or ask for a code first."""
    checked: Credentials = g.checked
    now = clock.now()
    if checked.has_second_factor:
        hold(second_step.marker_for(checked.user_id, checked.password, now))
        after_this_request(lambda response: _before_second_step(response, checked))
        return
    typed = typed_before(checked.user_id)
    place = typed.membership_id if typed else None
    opened = sessions.sign_in(checked, membership_id=place, caller=caller(), now=now)
    go_in(opened.sid, now)
    after_this_request(lambda response: make_response(after_sign_in(typed)))


def typed_before(user_id: int) -> kept.Typed | None:
    """What this form carries of an ended session of the same person."""
    return kept.opened(request.form.get("kept", ""), request.form.get("seal", ""), user_id)


def _before_second_step(response: Response, checked: Credentials) -> Response:
    if typed_before(checked.user_id):  # a redirect would lose it
        return make_response(ask_code(SecondStepForm(formdata=None, **carried()), checked.login))
    response.location = url_for("accounts.second_step_page", next=back_to("/"))
    return response


def carried() -> dict[str, str]:
    """The hidden fields of a sign-in form, for the form of its next step."""
    return {"next": back_to(""), "kept": request.form.get("kept", ""), "seal": request.form.get("seal", "")}


def ask_code(form: SecondStepForm, login: str, status: int = 200) -> ResponseReturnValue:
    """The page that asks for the code of a second factor."""
    return render_template("accounts/second_step.html", form=form, login=login), status


def after_sign_in(typed: kept.Typed | None) -> ResponseReturnValue:
    """Where a person goes on who has just come in: to what was typed when their last session ended, or on."""
    facts = signed_in()
    if typed and g.actor:
        return render_template("accounts/kept.html", typed=typed)
    if typed and facts and must_set_up(facts) and not facts.must_change_password:
        return offer_set_up(facts, **carried())
    return redirect(next_page())


def offer_set_up(facts: SessionFacts, **fields: str) -> ResponseReturnValue:
    """The page where a second factor is set up, with a new secret that only this page knows.

    The database learns it once the app has shown a code for it; until then the page carries it, sealed for
    this person in this session.
    """
    secret = authenticator.draw()
    draft = hashing().seal(secret, draft_owner(facts))
    return set_up_page(facts, SetUpForm(formdata=None, draft=draft, **fields), secret)


def draft_owner(facts: SessionFacts) -> str:
    """Whom the secret of a set-up page is sealed for."""
    return f"set-up:{facts.user_id}:{facts.session_id}"


def set_up_page(
    facts: SessionFacts, form: SetUpForm, secret: bytes, status: int = 200
) -> ResponseReturnValue:
    """The page again, with the same secret."""
    login = queries.get_user(facts.user_id).login
    address = authenticator.address(secret, login=login, issuer=current_app.config["SYSTEM_NAME"])
    if must_set_up(facts) and "password" in form:  # it was typed a moment ago
        del form.password
    return render_template(
        "accounts/set_up_second_factor.html",
        form=form,
        login=login,
        asked=must_set_up(facts),
        address=address,
        picture=qr_picture(address),
        secret=authenticator.in_words(secret),
    ), status


def on_signed_out(_app: Any, **_more: Any) -> None:
    """Signed out: end the session's row, so that a copy of the cookie is worth nothing."""
    facts = signed_in()
    if facts:
        sessions.sign_out(facts.session_id, facts.user_id, caller=caller(), now=clock.now())
    forget()
    g.signed_in = g.actor = None


def out_to_the_sign_in_page(response: Response) -> Response:
    """After signing out nobody is led anywhere else, whatever `next` says to the library."""
    if request.endpoint == "security.logout" and response.location:
        response.location = url_for("security.login")
    return response


def next_page() -> str:
    """Where the caller has to go: to what must be chosen or set up first, or where they were going."""
    target, facts = back_to("/"), signed_in()
    if facts is None:
        return url_for("security.login", next=target)
    if facts.must_change_password:
        return url_for("accounts.first_password", next=target)
    if must_set_up(facts):
        return url_for("accounts.set_up_second_factor", next=target)
    if facts.membership_id is None:
        return url_for("accounts.workplaces", next=target)
    return target


def signed_out_answer() -> ResponseReturnValue:
    """What a private page answers without an actor: 302 to signing in, 401 to a POST, JSON to our scripts."""
    here, facts = url_for("security.login"), signed_in()
    if facts:
        here = next_page()
        if not wants_json():
            return redirect(here)
    if wants_json():
        return jsonify(error=sentence_for(401), sign_in=here), 401
    if request.method in ("GET", "HEAD"):
        if was_handed_over():
            flash(gettext(HANDED_OVER), "warning")
            forget()
            return redirect(url_for("security.login"))
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    over = was_handed_over()
    form = CheckedSignInForm(formdata=None, **({} if over else kept.carry()))
    page = render_template(
        "accounts/sign_in.html", login_user_form=form, ended=True, told=gettext(HANDED_OVER) if over else ""
    )
    return page, 401


def was_handed_over() -> bool:
    """True when the session of this cookie ended because its role was handed over."""
    sid = cookie.get("sid")
    return isinstance(sid, str) and queries.why_ended(sessions.hash_sid(sid)) == sessions.HAND_OVER
