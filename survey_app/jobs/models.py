"""Rows of the job room: what people see of a job, which steps are done, which workers live."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import Base, PublicId, UtcDateTime

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


class Job(PublicId, Base):
    """One piece of background work, as its progress page shows it."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16), default=QUEUED, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    params: Mapped[Any] = mapped_column(JSON)
    acting: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    requested_by_id: Mapped[int | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    result: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)


class JobStep(Base):
    """A step of a job that has taken effect: written in the step's own transaction, so never done twice."""

    __tablename__ = "job_step"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    result: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkerBeat(Base):
    """A worker process that says every few seconds that it lives."""

    __tablename__ = "worker_beat"

    executor_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegularTurn(Base):
    """One line of the timetable: when it is due, who is at it, how it ended last time.

    `holder` has it until `lease_until`, which a living worker keeps moving on; `tries` counts the workers
    that began since it last ended.
    """

    __tablename__ = "regular_turn"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(255), default="", server_default="")
