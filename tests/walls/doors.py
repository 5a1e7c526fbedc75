"""Knocking: every actor signs in through the real form once, then each cell is one request.

A cell runs inside a transaction that is thrown away, so no cell sees what another has done; what it would
have committed it commits to a savepoint of that transaction.
"""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from survey_app.accounts.models import UserSession
from survey_app.core.db import db, session
from survey_app.invitations.store import LetterStore
from survey_app.jobs import engine as jobs_engine
from tests.conftest import PASSWORD
from tests.walls.actors import ACTORS, HALFWAY, SIGNED_OUT
from tests.walls.world import World

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HERE = {"REMOTE_ADDR": "10.0.0.1"}


@dataclass(frozen=True)
class Key:
    """A browser that is signed in: its cookie, and the token of its last page."""

    cookie: str
    token: str


def sign_everybody_in(app: Flask, world: World) -> dict[str, Key]:
    """The key of every actor; the administrator then locks one account and takes one role away."""
    keys = {name: _sign_in(app, world, name) for name in ACTORS}
    members = f"/accounts/{world.things['account.stripped']}/memberships"
    for path in (
        f"/accounts/{world.things['account.locked']}/deactivate",
        f"{members}/{world.things['membership.stripped']}/end",
    ):
        answer = knock(app, keys["admin"], "POST", path)
        assert answer.status_code == 302, (path, answer.status_code)
    return keys


def note_sessions(world: World) -> None:
    """Let the table name everybody's session (needs an app context)."""
    for actor, person in world.people.items():
        for row in session.query(UserSession).filter_by(user_id=person.user_id):
            world.things[f"session.{actor}"] = str(row.id)


def _sign_in(app: Flask, world: World, actor: str) -> Key:
    client, login = app.test_client(), world.logins.get(actor)
    page = client.get("/account/login", environ_base=HERE)
    token = _token(page)
    if login:
        typed = {"login": login, "password": PASSWORD, "csrf_token": token}
        answer = client.post("/account/login", data=typed, environ_base=HERE)
        assert answer.status_code == 302, f"{login} cannot sign in"
        token = _token(client.get(answer.location, follow_redirects=True, environ_base=HERE))
        if actor in world.phones and actor != HALFWAY:
            typed = {"one_time_code": world.phones[actor].code(), "csrf_token": token}
            answer = client.post("/account/second-step", data=typed, environ_base=HERE)
            assert answer.status_code == 302, f"{login}'s code is not taken"
            token = _token(client.get("/account/own", environ_base=HERE))
    found = client.get_cookie("session")
    assert found is not None
    return Key(found.value, token)


def _token(page: TestResponse) -> str:
    found = TOKEN.search(page.get_data(as_text=True))
    assert found is not None
    return found.group(1)


def knock(
    app: Flask, key: Key, method: str, path: str, body: Mapping[str, Any] | None = None, **options: Any
) -> TestResponse:
    """One request of this browser with a valid token; the cookie it answers is not kept."""
    headers = {"Cookie": f"session={key.cookie}", **options.pop("headers", {})}
    if method not in ("GET", "HEAD", "OPTIONS"):
        headers["X-CSRFToken"] = key.token
        options["data"] = {name: _value(value) for name, value in (body or {}).items()}
    client = app.test_client(use_cookies=False)
    return client.open(path, method=method, headers=headers, environ_base=HERE, **options)


def _value(value: Any) -> Any:
    """A file is written (bytes, name)."""
    return (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value


class Sand:
    """A transaction of the whole database in which requests write, and which is thrown away."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.outer = connection, connection.begin()

    def smooth(self) -> None:
        """Throw away what was written so far."""
        self.outer.rollback()
        self.outer = self.connection.begin()


@contextmanager
def thrown_away(app: Flask, monkey: Any) -> Iterator[Sand]:
    """Whatever is committed inside goes to a savepoint, and away at the end."""
    with app.app_context():
        engines = db._app_engines[app]
        engine = engines[None]
    queue = jobs_engine._client
    with monkey.context() as patched, engine.connect() as connection:
        patched.setattr(jobs_engine, "_client", lambda bound: queue(bound.engine))
        patched.setitem(engines, None, connection)
        patched.setattr(LetterStore, "remove", lambda _store, _digest: None)  # files are not thrown away
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
        sand = Sand(connection)
        try:
            yield sand
        finally:
            sand.outer.rollback()
            db.session.session_factory.configure(join_transaction_mode="conditional_savepoint")


def is_signed_out(actor: str) -> bool:
    """True for those who have no session any more, or never had."""
    return actor in SIGNED_OUT
