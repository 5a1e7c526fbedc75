"""Tables of messages: one notice to one unit, who has read it, what was sent to many, letters by e-mail."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.organisations.models import OrganisationUnit


class Message(PublicId, Base):
    """What an authority wrote to many units at once; each of them has a `Notice` of it.

    `audience` is the code of the group it went to and `whom` the group in words as it was then, `key` makes
    sending it twice one sending, `reminds` is the message whose non-readers this one reminds.
    """

    __tablename__ = "notice_message"
    __table_args__ = (Index("ix_notice_message_sender_id_created_at", "sender_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    url: Mapped[str] = mapped_column(String(255), default="", server_default="")
    audience: Mapped[str] = mapped_column(String(80))
    whom: Mapped[str] = mapped_column(String(255))
    units: Mapped[int] = mapped_column(default=0, server_default="0")
    reminds_id: Mapped[int | None] = mapped_column(ForeignKey("notice_message.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    sender: Mapped[OrganisationUnit] = relationship()
    reminds: Mapped["Message | None"] = relationship(remote_side=[id])


class Notice(PublicId, Base):
    """One message to one unit; everybody with a membership there may read it.

    `occasion` names what may be said to a unit only once ("deadline:<round>:<day>:7"); NULL is any number.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_unit_id_created_at", "unit_id", "created_at"),
        UniqueConstraint("unit_id", "occasion"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    url: Mapped[str] = mapped_column(String(255), default="", server_default="")
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("notice_message.id"), index=True)
    occasion: Mapped[str | None] = mapped_column(String(80))

    unit: Mapped[OrganisationUnit] = relationship(foreign_keys=[unit_id])
    sender: Mapped[OrganisationUnit | None] = relationship(foreign_keys=[sender_id])


class NoticeReceipt(Base):
    """One person has opened one notice."""

    __tablename__ = "notice_receipt"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Mail(Base):
    """One e-mail to one person about a notice: asked for in the acting transaction, sent by a job.

    It holds no words: subject and text follow from `kind`, the address is read when it is sent.
    """

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(String(32), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    url: Mapped[str] = mapped_column(String(255), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str] = mapped_column(String(64), default="", server_default="")
