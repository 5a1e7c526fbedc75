"""Signing in and out through the library's two views, and what a caller without a session gets."""

from dataclasses import dataclass
from typing import Any

from flask import (
    Response,
    after_this_request,
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

from survey_app.accounts import kept, queries, sessions
from survey_app.accounts.cookies import caller, forget, load_actor, remember, signed_in
from survey_app.accounts.forms import SignInForm
from survey_app.accounts.queries import Credentials
from survey_app.accounts.sessions import Opened
from survey_app.core import clock
from survey_app.core.edge import sentence_for, wants_json
from survey_app.core.web import back_to
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
    """The password is right: open the session under the write lock and choose what comes next."""
    checked: Credentials = g.checked
    now = clock.now()
    typed = kept.opened(request.form.get("kept", ""), request.form.get("seal", ""), checked.user_id)
    place = typed.membership_id if typed else None
    opened = sessions.sign_in(checked, membership_id=place, caller=caller(), now=now)
    remember(opened.sid, now)
    after_this_request(lambda response: _after_sign_in(response, checked, opened, typed))


def _after_sign_in(
    response: Response, checked: Credentials, opened: Opened, typed: kept.Typed | None
) -> Response:
    if typed and opened.membership_id and not checked.must_change_password:
        g.actor = load_actor()
        return make_response(render_template("accounts/kept.html", typed=typed))
    response.location = next_page(checked.must_change_password, opened.membership_id)
    return response


def on_signed_out(_app: Any, **_more: Any) -> None:
    """Signed out: end the session's row, so that a copy of the cookie is worth nothing."""
    facts = signed_in()
    if facts:
        sessions.sign_out(facts.session_id, facts.user_id, caller=caller(), now=clock.now())
    forget()
    g.signed_in = g.actor = None


def next_page(must_change_password: bool, membership_id: int | None) -> str:
    """Where a person goes who has just come in: a password or workplace to choose, or where they were."""
    target = back_to("/")
    if must_change_password:
        return url_for("accounts.first_password", next=target)
    if membership_id is None:
        return url_for("accounts.workplaces", next=target)
    return target


def signed_out_answer() -> ResponseReturnValue:
    """What a private page answers without an actor: 302 to signing in, 401 to a POST, JSON to our scripts."""
    here, facts = url_for("security.login"), signed_in()
    if facts:
        here = next_page(facts.must_change_password, facts.membership_id)
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
