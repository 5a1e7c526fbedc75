"""What is long over is forgotten, what may still be asked about is kept."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from survey_app.accounts.forgetting import forget_long_over
from survey_app.accounts.models import ActivationCode, Throttle, UserSession
from tests.factories.accounts import make_user


def test_sessions_codes_and_tries_that_are_long_over_go(session: Any, now: datetime) -> None:
    user, old, fresh = make_user(), now - timedelta(days=91), now - timedelta(days=89)
    for name, begun, ended in (
        ("ended long ago", old, old),
        ("never ended, begun long ago", old, None),
        ("ended lately", old, fresh),
        ("open", now, None),
    ):
        row = UserSession(sid_hash=name, user_id=user.id, created_at=begun, ended_at=ended)
        session.add(row)
    for name, expires, used in (("run out", old, None), ("used", now, old), ("used lately", old, fresh)):
        row = ActivationCode(code_hash=name, user_id=user.id, issued_at=old, expires_at=expires, used_at=used)
        session.add(row)
    for days in (0, 2):
        session.add(Throttle(action="sign_in", key="k", window_start=now - timedelta(days=days)))
    session.flush()
    assert forget_long_over(now=now) == 5
    assert set(session.scalars(select(UserSession.sid_hash))) == {"ended lately", "open"}
    assert set(session.scalars(select(ActivationCode.code_hash))) == {"used lately"}
    assert len(session.scalars(select(Throttle)).all()) == 1
    assert forget_long_over(now=now) == 0
