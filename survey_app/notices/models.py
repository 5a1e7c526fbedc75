"""Tables of messages: one notice to one unit, and who has read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.organisations.models import OrganisationUnit


class Notice(PublicId, Base):
    """One message to one unit; everybody with a membership there may read it."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_unit_id_created_at", "unit_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    url: Mapped[str] = mapped_column(String(255), default="", server_default="")
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[OrganisationUnit] = relationship(foreign_keys=[unit_id])
    sender: Mapped[OrganisationUnit | None] = relationship(foreign_keys=[sender_id])


class NoticeReceipt(Base):
    """One person has opened one notice."""

    __tablename__ = "notice_receipt"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
