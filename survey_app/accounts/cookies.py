"""The signed cookie and who is calling.

The cookie holds a random session id, the time of the last page and the CSRF secret; the session's row is
read on every request (decision 4). Idle time lives in the cookie, so that a GET writes nothing, and our own
scripts (autosave, polling) do not extend it. Between the password and the code of a second factor there is no
session: the cookie then holds a marker instead (`second_step`).
"""

from datetime import UTC, datetime, timedelta

from flask import current_app, g, request
from flask import session as cookie

from survey_app.accounts import queries, sessions
from survey_app.accounts.queries import SessionFacts
from survey_app.accounts.sessions import Caller
from survey_app.core import clock, db
from survey_app.core.access import Actor
from survey_app.core.edge import wants_json

REFRESH = timedelta(minutes=1)  # a busy person does not need a new cookie with every page


def signed_in() -> SessionFacts | None:
    """The session of this request, also of somebody who must first change a password or pick a workplace."""
    facts: SessionFacts | None = g.get("signed_in")
    return facts


def caller() -> Caller:
    """Where this request comes from."""
    return Caller(request.remote_addr or "", request.user_agent.string)


def load_actor() -> Actor | None:
    """Who is calling: reads the cookie, then the session's row in one statement; holds it in a write."""
    g.signed_in = None
    sid, seen = cookie.get("sid"), cookie.get("seen")
    if not isinstance(sid, str) or not isinstance(seen, int):
        return None
    now = clock.now()
    idle = now - datetime.fromtimestamp(seen, UTC)
    if idle > timedelta(minutes=current_app.config["IDLE_MINUTES"]):
        return None
    g.signed_in = queries.find_session(
        sessions.hash_sid(sid), now=now, oldest=oldest_sign_in(now), lock=db.writing()
    )
    if g.signed_in and idle >= REFRESH and _is_page_of_a_person():
        cookie["seen"] = int(now.timestamp())
    return actor_of(g.signed_in)


def _is_page_of_a_person() -> bool:
    """False for our scripts: those that ask for JSON, and those that fetch a page again."""
    return not wants_json() and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def oldest_sign_in(now: datetime) -> datetime:
    """Sessions that began before this instant are over, however busy."""
    return now - timedelta(hours=current_app.config["SESSION_HOURS"])


def second_factor_asked(facts: SessionFacts) -> bool:
    """True when the setting and a role of the person ask for a second factor."""
    return current_app.config["SECOND_FACTOR"] == "required" and facts.role_asks_second_factor


def asked_of_me() -> bool:
    """The same of the person who is calling."""
    facts = signed_in()
    return facts is not None and second_factor_asked(facts)


def must_set_up(facts: SessionFacts) -> bool:
    """True while the person lacks the second factor that is asked of them."""
    return second_factor_asked(facts) and not facts.has_second_factor


def actor_of(facts: SessionFacts | None) -> Actor | None:
    """The actor a session stands for.

    None while a password or a workplace is still to be chosen or a second factor to be set up: the edge lets
    nobody without an actor through, so no page has to ask (trust.md row 38).
    """
    if facts is None or facts.must_change_password or must_set_up(facts) or facts.membership_id is None:
        return None
    assert facts.role is not None and facts.unit_id is not None and facts.department_id is not None
    return Actor(
        user_id=facts.user_id,
        membership_id=facts.membership_id,
        role=facts.role,
        unit_id=facts.unit_id,
        unit_kind=facts.unit_kind or "",
        department_id=facts.department_id,
        unit_name=facts.unit_name or "",
        name=facts.name,
        session_id=facts.session_id,
        address=request.remote_addr or "",
        request_id=g.get("request_id", ""),
        ward_name=facts.ward_name or "",
    )


def remember(sid: str, now: datetime) -> None:
    """Put a new session into the cookie: nothing of the earlier one stays, not even its CSRF secret."""
    forget()
    cookie["sid"], cookie["seen"] = sid, int(now.timestamp())


def go_in(sid: str, now: datetime) -> None:
    """Put a new session into the cookie and let the rest of this request know who is calling."""
    remember(sid, now)
    g.actor = load_actor()


def hold(marker: str) -> None:
    """Put the marker of a password that was right into the cookie, in place of any session."""
    forget()
    cookie["owing"] = marker


def held() -> object:
    """The marker of this browser, or None."""
    return cookie.get("owing")


def forget() -> None:
    """Empty the cookie but for the language and what is still to be told."""
    stay = {name: cookie[name] for name in ("lang", "_flashes") if name in cookie}
    cookie.clear()
    cookie.update(stay)
    g.pop("csrf_token", None)
