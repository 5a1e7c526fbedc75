"""Tables of certificates: issuer, number series, batch under one Decision, certificate."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.results.models import Result
from survey_app.rounds.models import Round

PREPARED, ORDERED, ISSUED = "prepared", "ordered", "issued"
STANDING = text("revoked_at IS NULL AND superseded_at IS NULL")


class Issuer(Base):
    """Who issues, in which words and under which law: versioned, because offices and laws change.

    `stage` "" stands for every stage without an issuer of its own. `number_pattern` is what
    `numbering.write_number` fills, e.g. "{number:04}/GCN-SGDĐT". In force from `valid_from` until the day
    before `valid_to`.
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
    """Certificates of one round under one Decision: prepared step by step, ordered once, issued by a job.

    `result_ids` are in the order of the numbers to be given. `trial`: may hold results of a draft set, and
    says BẢN THỬ NGHIỆM. The database itself refuses an ordered batch without Decision.
    """

    __tablename__ = "certificate_batch"
    __table_args__ = (
        CheckConstraint(
            "state = 'prepared' OR (decision_number <> '' AND decision_date IS NOT NULL "
            "AND issuer_id IS NOT NULL AND signer_title <> '')",
            name="ordered_under_a_decision",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), default=PREPARED)
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("issuer.id"))
    decision_number: Mapped[str] = mapped_column(String(64), default="", server_default="")
    decision_date: Mapped[date | None] = mapped_column(Date)
    signer_title: Mapped[str] = mapped_column(String(120), default="", server_default="")
    signer_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    result_ids: Mapped[Any] = mapped_column(JSON)
    trial: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    job_uid: Mapped[str] = mapped_column(String(32), default="", server_default="")
    bundle_sha256: Mapped[str | None] = mapped_column(String(64))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ordered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    round: Mapped[Round] = relationship()
    issuer: Mapped[Issuer | None] = relationship()


class Certificate(PublicId, Base):
    """One numbered certificate. Content and PDF are frozen; its standing is told by the later columns.

    `code` is the public look-up code: 128 random bits, not guessable from the printed number; `number_key` is
    what people find the printed number by. At most one certificate of a form stands (neither revoked nor
    superseded); the database sees to it.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("series", "year", "number"),
        UniqueConstraint("batch_id", "result_id"),
        Index("ix_certificate_unit_id", "unit_id"),
        Index("ix_certificate_result_id", "result_id"),
        Index(
            "uq_certificate_standing_assessment_id",
            "assessment_id",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    series: Mapped[str] = mapped_column(String(64))
    year: Mapped[int]
    number: Mapped[int]
    printed_number: Mapped[str] = mapped_column(String(64))
    number_key: Mapped[str] = mapped_column(String(64), index=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("certificate_batch.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"))
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
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
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))

    batch: Mapped[CertificateBatch] = relationship()
    result: Mapped[Result] = relationship()
