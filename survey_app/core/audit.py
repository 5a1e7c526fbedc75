"""The audit trail: who did what to which object, when, old → new, from where; denied acts too.

Rows are appended in the acting transaction and never changed: triggers of the migration refuse UPDATE
and DELETE (decision 9). Autosaves are not audit events; they are `AnswerChange` rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.access import Actor
from survey_app.core.db import Base, UtcDateTime, session


class AuditEvent(Base):
    """One act, done or denied."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(255), default="")
    role: Mapped[str] = mapped_column(String(32), default="")
    unit_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[str] = mapped_column(String(64))
    old: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    new: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")
    outcome: Mapped[str] = mapped_column(String(8), default="done")


def record(
    actor: Actor | None,
    action: str,
    subject: Any,
    *,
    now: datetime,
    old: Any = None,
    new: Any = None,
    outcome: str = "done",
    unit_id: int | None = None,
) -> AuditEvent:
    """Append one row to the acting transaction.

    `subject` is a model instance with `uid` or `id`, or a pair (type, id). `old` and `new` are plain JSON.
    The event belongs to the actor's unit; where nobody acts (a command, a stranger) to `unit_id`, else to the
    unit or department of the subject. An event without one is shown to every administrator.
    """
    kind, key = (
        subject
        if isinstance(subject, tuple)
        else (type(subject).__name__, getattr(subject, "uid", None) or subject.id)
    )
    event = AuditEvent(
        at=now, action=action, subject_type=str(kind), subject_id=str(key), old=old, new=new, outcome=outcome
    )
    if actor is not None:
        event.actor_id, event.actor_name = actor.user_id, actor.name
        event.role, event.unit_id = str(actor.role), actor.unit_id
        event.address, event.request_id = actor.address, actor.request_id
    else:
        event.unit_id = unit_id or _unit_of(subject)
    session.add(event)
    return event


def _unit_of(subject: Any) -> int | None:
    found: int | None = getattr(subject, "unit_id", None) or getattr(subject, "department_id", None)
    return found
