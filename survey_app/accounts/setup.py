"""Plugs signing in into the app: Flask-Security's two views, our own sessions, who is calling."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from flask_login import user_logged_out
from flask_security import FormInfo, RoleMixin, Security, SQLAlchemyUserDatastore
from flask_security.signals import user_authenticated
from sqlalchemy.exc import InvalidRequestError

from survey_app.accounts import signing_in
from survey_app.accounts.cookies import load_actor
from survey_app.accounts.models import User
from survey_app.accounts.passwords import init_hashing
from survey_app.accounts.queries import Office, office_above
from survey_app.core.access import current_actor
from survey_app.core.db import db
from survey_app.core.edge import set_actor_loader, set_signed_out_answer

TRANSLATIONS = Path(__file__).parent / "translations"

# Only signing in and out are on; every other view of the library stays off (core.access.EXTERNAL_POLICY).
SETTINGS: dict[str, Any] = {
    "SECURITY_URL_PREFIX": "/account",
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_FRESHNESS": timedelta(minutes=-1),
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_LOGOUT_CSRF": True,
    "SECURITY_CACHE_CONTROL": {},  # the library writes "no-store=True"; core.web what browsers know
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {},
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_POST_LOGOUT_VIEW": "security.login",
    "SECURITY_I18N_DIRNAME": ["builtin", str(TRANSLATIONS)],
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SESSION_PROTECTION": None,  # a phone changes its address all day; the session's row is the protection
}


class People(SQLAlchemyUserDatastore):
    """The library's way to our tables: it may change rows, the edge commits (decision 3)."""

    def commit(self) -> None:
        """Send what changed to the database, inside the request's transaction."""
        self.db.session.flush()


def init_room(app: Flask) -> None:
    """Wire Flask-Security and our sessions into the app."""
    init_hashing(app)
    app.config.update(SETTINGS)
    security = Security(app, People(db, User, RoleMixin))  # roles are memberships: the library has none
    security.set_form_info("login_form", FormInfo(instantiator=_sign_in_form))
    security.want_json(lambda _request: False)
    security.login_manager.request_loader(signing_in.library_user)
    security.login_manager.user_loader(lambda _key: signing_in.library_user(None))
    user_authenticated.connect(signing_in.on_authenticated, app)
    user_logged_out.connect(signing_in.on_signed_out, app)
    set_actor_loader(app, load_actor)
    set_signed_out_answer(app, signing_in.signed_out_answer)
    app.context_processor(lambda: {"whom_to_ask": _whom_to_ask})
    app.after_request(signing_in.out_to_the_sign_in_page)


def _sign_in_form(_name: str, _cls: Any, **_given: Any) -> signing_in.CheckedSignInForm:
    """Only ever from a posted form, never from JSON."""
    return signing_in.CheckedSignInForm(formdata=request.form or None)


def _whom_to_ask() -> Office | None:
    """Whom the signed-in person of a school asks; None for everybody else. Asked where it is drawn.

    Also on the page of a refusal, which may not fail over it: what was refused may have left the session in a
    state in which nothing can be asked.
    """
    actor = current_actor()
    if actor is None or actor.unit_kind != "school" or not g.get("unit_of_work_open"):
        return None
    with db.session.no_autoflush, suppress(InvalidRequestError):
        return office_above(actor.unit_id)
    return None
