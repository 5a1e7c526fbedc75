"""Gives every page the number beside the bell (one COUNT, only when a page with a bell is drawn), and the
accounts room a way to write to people."""

from collections.abc import Callable

from flask import Flask

from survey_app.accounts.ports import messenger
from survey_app.core.access import current_actor
from survey_app.core.db import session
from survey_app.notices import queries
from survey_app.notices.plugs import Writer


def init_room(app: Flask) -> None:
    """Let templates ask `unread_notices()`; write for the accounts room."""
    app.context_processor(_ask)
    messenger.plug(Writer())


def _ask() -> dict[str, Callable[[], int]]:
    return {"unread_notices": _unread}


def _unread() -> int:
    actor = current_actor()
    with session.no_autoflush:
        return queries.unread_count(actor) if actor else 0
