"""Tables of the room: files of letters while they may be fetched, and requests of schools not on the list."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.errors import N_

NEW, DONE, REFUSED = "new", "done", "refused"
REQUEST_STATE_NAMES: dict[str, str] = {
    NEW: N_("Mới"),
    DONE: N_("Đã xử lý"),
    REFUSED: N_("Từ chối"),
}


class LetterBatch(PublicId, Base):
    """Letters for many schools, drawn in the background; who asked for them may fetch them for a day.

    `wanted` is the plain form of the `accounts.scope.UnitFilter` it was asked with. The file is encrypted,
    for it holds codes that the database has only as hashes.
    """

    __tablename__ = "letter_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    form: Mapped[str] = mapped_column(String(8))
    wanted: Mapped[Any] = mapped_column(JSON, default=dict, server_default="{}")
    schools: Mapped[int] = mapped_column(default=0, server_default="0")
    job_uid: Mapped[str] = mapped_column(String(32), default="", server_default="")
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LetterPart(Base):
    """The letters of one ward of a batch whose codes count; gone once the whole file is there."""

    __tablename__ = "letter_part"
    __table_args__ = (UniqueConstraint("batch_id", "ward_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("letter_batch.id"))
    ward_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    schools: Mapped[int]

    batch: Mapped[LetterBatch] = relationship()


class UnitRequest(PublicId, Base):
    """Somebody says: my school is not on the list. What they say of themselves goes 90 days after closing."""

    __tablename__ = "unit_request"
    __table_args__ = (Index("ix_unit_request_ward_id_state", "ward_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    ward_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    code: Mapped[str] = mapped_column(String(32), default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    asker_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    asker_phone: Mapped[str] = mapped_column(String(32), default="", server_default="")
    asker_email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16), default=NEW, server_default=NEW)
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    ward: Mapped[OrganisationUnit] = relationship(foreign_keys=[ward_id])
    unit: Mapped[OrganisationUnit | None] = relationship(foreign_keys=[unit_id])
