"""What every answer shares: security headers, language, page numbers and the core's own few routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import DataError

from survey_app.core import logs
from survey_app.core.access import current_actor, may_open, public
from survey_app.core.cookie import AgelessCookie
from survey_app.core.db import mark_refused
from survey_app.core.edge import UNSAFE, error_page, init_edge, sentence_for, wants_json
from survey_app.core.files import init_files
from survey_app.core.filters import init_filters
from survey_app.core.jottings import init_jottings
from survey_app.core.limits import init_limits
from survey_app.core.mail import init_mail
from survey_app.core.measures import init_measures
from survey_app.core.offline import init_offline
from survey_app.core.sentry import init_sentry
from survey_app.core.squeezing import init_squeezing
from survey_app.core.watch import init_watch

__all__ = ["Page", "bp", "back_to", "init_web", "page_number", "sentence_for", "wants_json"]

bp = Blueprint("core", __name__, template_folder="templates")
csrf = CSRFProtect()
babel = Babel()
LANGUAGES = ("vi", "en")
T = TypeVar("T")
PER_PAGE = 50

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a long list."""

    rows: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))


def page_number() -> int:
    """The page asked for in the address, 1 for rubbish."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def back_to(fallback: str) -> str:
    """A local address to return to from the `next` field, or `fallback`: never another site."""
    target = request.values.get("next", "")
    if (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and "\\" not in target
        and target.isprintable()
    ):
        return target
    return fallback


def locale() -> str:
    """The language of the page: Vietnamese unless the person switched."""
    chosen = session.get("lang", "vi") if request else "vi"
    return chosen if chosen in LANGUAGES else "vi"


@bp.get("/language/<lang>")
@public
def set_language(lang: str) -> ResponseReturnValue:
    """Switch the page's language (kept in the cookie, not in the database)."""
    if lang in LANGUAGES:
        session["lang"] = lang
    return redirect(back_to("/"))


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers; says nothing of the database."""
    return Response("ok\n", mimetype="text/plain")


def _refuse_other_sites() -> None:
    """A form that another site sends names that site: refused before its token is looked at (ASVS V3.5.1).

    Only the host counts: behind a proxy the scheme and the port we see may not be those of the browser.
    """
    origin = request.headers.get("Origin")
    own = {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}
    if request.method in UNSAFE and origin is not None and urlsplit(origin).netloc not in own:
        abort(400)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and "v" not in request.args:
        # A module imported by another has no version in its address: ask again, answer 304.
        headers["Cache-Control"] = "no-cache"
    if request.endpoint != "static":
        if not response.cache_control.private:  # send_file says "no-cache": a proxy might keep the file
            headers["Cache-Control"] = "no-store"
        headers.add("Vary", "Cookie")
    if g.get("request_id"):
        headers["X-Request-Id"] = g.request_id
    return response


def _unfit_value(error: DataError) -> ResponseReturnValue:
    """A value no column can hold came as far as the database, such as a number too long for it."""
    logs.failure("value refused by the database", error)
    mark_refused()
    return error_page(400, sentence_for(400))


def _shared_context() -> dict[str, Any]:
    return {"actor": current_actor(), "lang": str(locale()), "may_open": partial(may_open, current_app)}


def init_web(app: Flask) -> None:
    """Wire the edge, CSRF, languages, headers and shared template values into the app."""
    app.session_interface = AgelessCookie()
    init_watch(app)
    init_measures(app)
    init_sentry(app)
    app.after_request(_headers)
    init_jottings(app)  # before the edge, whose commit may still fail: what is set up first is run last
    init_edge(app)
    app.before_request(_refuse_other_sites)
    init_limits(app)
    app.register_error_handler(DataError, _unfit_value)
    csrf.init_app(app)
    babel.init_app(
        app,
        locale_selector=locale,
        default_translation_directories=app.config.get("BABEL_TRANSLATION_DIRECTORIES", "translations"),
    )
    init_files(app)
    init_filters(app)
    init_mail(app)
    app.context_processor(_shared_context)
    app.register_blueprint(bp)
    init_offline(app)
    init_squeezing(app)
