"""Tables of evidence: one stored file or link of a unit, usable for several indicators and years."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.evidence.kinds import DOCUMENT, IMAGE, LINK, PDF
from survey_app.organisations.models import OrganisationUnit

__all__ = ["DOCUMENT", "IMAGE", "LINK", "PDF", "EvidenceFile"]


class EvidenceFile(PublicId, Base):
    """One file (or link) in a unit's store.

    `sha256` names the re-encoded picture, the cleaned PDF or the original; `pages` is a list of SHA-256 of
    page pictures (PDF), `thumb` of the small picture; `size` counts the file, `stored_bytes` all of them.
    `source_sha256` names the bytes that were uploaded: a unit has the same ones once. `captured_on` is the
    camera's own date, which may be wrong. `site_id` 0: the whole unit. `version` guards the details.
    """

    __tablename__ = "evidence_file"
    __table_args__ = (
        Index("ix_evidence_file_unit_id_school_year", "unit_id", "school_year"),
        Index(
            "uq_evidence_file_unit_id_source_sha256",
            "unit_id",
            "source_sha256",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(255))
    file_name: Mapped[str] = mapped_column(String(255), default="", server_default="")
    media_type: Mapped[str] = mapped_column(String(120), default="", server_default="")
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    stored_bytes: Mapped[int] = mapped_column(default=0, server_default="0")
    sha256: Mapped[str | None] = mapped_column(String(64))
    source_sha256: Mapped[str | None] = mapped_column(String(64))
    thumb: Mapped[str | None] = mapped_column(String(64))
    pages: Mapped[Any] = mapped_column(JSON)
    url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    captured_on: Mapped[date | None] = mapped_column(Date)
    site_id: Mapped[int] = mapped_column(default=0, server_default="0")
    school_year: Mapped[str] = mapped_column(String(9))
    document_number: Mapped[str] = mapped_column(String(64), default="", server_default="")
    issued_on: Mapped[date | None] = mapped_column(Date)
    issuer: Mapped[str] = mapped_column(String(255), default="", server_default="")
    search_text: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    hidden_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[OrganisationUnit] = relationship()
