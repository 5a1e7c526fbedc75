"""Tables of criteria sets: a set and its editions; an edition's whole content is one JSON document."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, UtcDateTime

DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"


class Framework(Base):
    """A criteria set, known by its code for ever."""

    __tablename__ = "framework"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    title_en: Mapped[str] = mapped_column(String(255), default="", server_default="")


class FrameworkVersion(Base):
    """One edition of a set. Once published, or used by a round, its content never changes.

    `content` is large and loaded only when asked for. `sha256` is the digest of the content;
    `source_sha256` that of the files it was read from ("" for a workbook), so that a start without news
    reads nothing. `decision` is the document by which the edition is in force ("" for a draft).
    """

    __tablename__ = "framework_version"
    __table_args__ = (UniqueConstraint("framework_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    version: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16), default=DRAFT)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[Any] = mapped_column(JSON, deferred=True)
    source_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    decision: Mapped[str] = mapped_column(String(255), default="", server_default="")
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    framework: Mapped[Framework] = relationship()
