"""Tables of certificates: issuer, number series, batch under one Decision, certificate."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.results.models import Result
from survey_app.rounds.models import Round


class Issuer(Base):
    """Who issues, in which words and under which law: versioned, because offices and laws change.

    `number_pattern` is a format string with {number}, e.g. "{number:04d}/GCN-SGDĐT" (decision 19).
    """

    __tablename__ = "issuer"

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"), index=True)
    stage: Mapped[str] = mapped_column(String(16), default="", server_default="")
    superior: Mapped[str] = mapped_column(String(255))
    agency: Mapped[str] = mapped_column(String(255))
    heading: Mapped[str] = mapped_column(String(255))
    place: Mapped[str] = mapped_column(String(64))
    signer_title: Mapped[str] = mapped_column(String(120))
    signer_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    number_pattern: Mapped[str] = mapped_column(String(64))
    legal_basis: Mapped[str] = mapped_column(Text, default="", server_default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class NumberSeries(Base):
    """The last number given out in one series of one year; raised in the issuing transaction: no gap."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(String(64), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0, server_default="0")


class CertificateBatch(PublicId, Base):
    """Certificates of one round issued together under one Decision."""

    __tablename__ = "certificate_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    decision_number: Mapped[str] = mapped_column(String(64))
    decision_date: Mapped[date] = mapped_column(Date)
    signer_title: Mapped[str] = mapped_column(String(120))
    signer_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    result_ids: Mapped[Any] = mapped_column(JSON)
    job_uid: Mapped[str] = mapped_column(String(32), default="", server_default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    round: Mapped[Round] = relationship()
    issuer: Mapped[Issuer] = relationship()


class Certificate(PublicId, Base):
    """One numbered certificate. Content and PDF are frozen; its standing is told by the later columns.

    `code` is the public look-up code: 128 random bits, not guessable from the printed number.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("series", "year", "number"),
        UniqueConstraint("batch_id", "result_id"),
        Index("ix_certificate_unit_id", "unit_id"),
        Index("ix_certificate_result_id", "result_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    series: Mapped[str] = mapped_column(String(64))
    year: Mapped[int]
    number: Mapped[int]
    printed_number: Mapped[str] = mapped_column(String(64), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("certificate_batch.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[date] = mapped_column(Date)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    revoked_decision: Mapped[str] = mapped_column(String(64), default="", server_default="")
    revoked_on: Mapped[date | None] = mapped_column(Date)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))

    batch: Mapped[CertificateBatch] = relationship()
    result: Mapped[Result] = relationship()
