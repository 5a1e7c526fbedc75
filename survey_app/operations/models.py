"""Tables of safekeeping: blocks sealed over the audit trail, checks of it, backups that were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import Base, UtcDateTime

JOB, HAND = "job", "hand"


class AuditBlock(Base):
    """One block of the chain (`rules.chain.Block`). Triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_block"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    format: Mapped[int]
    count: Mapped[int]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    whole_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditSeal(Base):
    """One event is in one block, with this hash. Triggers refuse UPDATE and DELETE.

    Membership is a row of its own, not a range of ids: on PostgreSQL a row with a smaller id may commit
    after one with a larger id was sealed; it then simply goes into the next block.
    """

    __tablename__ = "audit_seal"

    block: Mapped[int] = mapped_column(ForeignKey("audit_block.number"), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), primary_key=True, unique=True)
    hash: Mapped[str] = mapped_column(String(64))


class AuditCheck(Base):
    """One check of the whole trail by the daily job; `findings` are its first ones as plain JSON."""

    __tablename__ = "audit_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ok: Mapped[bool] = mapped_column(Boolean)
    blocks: Mapped[int]
    events: Mapped[int]
    faults: Mapped[int]
    findings: Mapped[Any] = mapped_column(JSON)


class BackupRun(Base):
    """One backup: begun, and how it ended; `ok` is None while it runs and for one that was cut off."""

    __tablename__ = "backup_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(8))
    ok: Mapped[bool | None] = mapped_column(Boolean)
    file_name: Mapped[str] = mapped_column(String(255), default="", server_default="")
    bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    sha256: Mapped[str | None] = mapped_column(String(64))
    encrypted: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    missing: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(String(500), default="", server_default="")
