"""What need not be kept of people: sessions, codes and counts of tries that are long over."""

from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, func

from survey_app.accounts.models import ActivationCode, Throttle, UserSession
from survey_app.accounts.throttling import KEPT as TRIES_KEPT
from survey_app.core.changed import rows_changed
from survey_app.core.db import session

# A school term: whoever asks "who was signed in when this was changed" does so within one. The acts stay in
# the audit trail for good; addresses and browsers of people are not kept longer than that.
KEPT = timedelta(days=90)


def forget_long_over(*, now: datetime) -> int:
    """Delete them; returns how many rows. No session outlives its day, so one begun before has ended too."""
    over = now - KEPT
    closed = func.coalesce(ActivationCode.used_at, ActivationCode.voided_at, ActivationCode.expires_at)
    return sum(
        _delete(statement)
        for statement in (
            delete(UserSession).where(func.coalesce(UserSession.ended_at, UserSession.created_at) < over),
            delete(ActivationCode).where(closed < over),
            delete(Throttle).where(Throttle.window_start < now - TRIES_KEPT),
        )
    )


def _delete(statement: Delete) -> int:
    done = session.execute(statement.execution_options(synchronize_session=False))
    return rows_changed(done)
