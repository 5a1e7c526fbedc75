"""Who fuzzes: one person of each role from the database, signed in by a row of a session, and nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.accounts import sessions
from survey_app.accounts.models import Membership, User
from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.rules.permissions import Role


@dataclass(frozen=True)
class Seat:
    """A person at a workplace; without ids nobody at all."""

    name: str
    user_id: int = 0
    membership_id: int = 0

    def sit(self, app: Flask, client: FlaskClient) -> None:
        """Sign in anew, whatever the fuzzer has done to the account meanwhile."""
        client._cookies.clear()
        if not self.user_id:
            return
        with app.app_context(), unit_of_work():
            user = session.get_one(User, self.user_id)
            user.active, user.must_change_password = True, False
            membership = session.get_one(Membership, self.membership_id)
            membership.ends_at, membership.starts_at = None, min(membership.starts_at, clock.now())
            sid = sessions.start(user.id, self.membership_id, caller=sessions.Caller(), now=clock.now())
        with client.session_transaction() as cookie:
            cookie["sid"], cookie["seen"] = sid, int(clock.now().timestamp())


def take_seats(app: Flask, each: int = 1) -> Iterator[Seat]:
    """Nobody, and the first `each` people of every role that has some."""
    yield Seat("anonymous")
    with app.app_context():
        for role in Role:
            rows = select(Membership).where(Membership.role == role, Membership.ends_at.is_(None))
            for number, row in enumerate(session.scalars(rows.order_by(Membership.id).limit(each))):
                yield Seat(f"{role}{number or ''}", row.user_id, row.id)
