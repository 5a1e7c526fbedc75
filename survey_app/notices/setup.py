"""Gives every page the number beside the bell: one COUNT, and only when a page with a bell is drawn.

And carries what the accounts room has to tell a person.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from survey_app.accounts.ports import post
from survey_app.core.access import current_actor
from survey_app.core.db import session
from survey_app.notices import queries, service


class NoticesToPeople:
    """Tells people by notices at the units they work for."""

    def tell(self, user_id: int, *, kind: str, title: str, body: str, now: datetime) -> None:
        """Send the message, in the acting transaction."""
        service.tell_person(user_id, kind=kind, title=title, body=body, now=now)


def init_room(app: Flask) -> None:
    """Let templates ask `unread_notices()`, and let accounts tell people things."""
    app.context_processor(_ask)
    post.plug(NoticesToPeople())


def _ask() -> dict[str, Callable[[], int]]:
    return {"unread_notices": _unread}


def _unread() -> int:
    actor = current_actor()
    with session.no_autoflush:
        return queries.unread_count(actor) if actor else 0
