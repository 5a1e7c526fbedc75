"""Tables of rounds: the round, its criteria sets, who takes part, facts that exclude a level."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.errors import N_

BEFORE_YEAR, END_OF_YEAR, EXTRA = "before_year", "end_of_year", "extra"
PRACTICE = "practice"  # to learn by: filled in and checked like any other, never published
PURPOSE_NAMES: dict[str, str] = {
    BEFORE_YEAR: N_("Rà soát đầu năm học"),
    END_OF_YEAR: N_("Đánh giá cuối năm học"),
    EXTRA: N_("Đợt bổ sung"),
    PRACTICE: N_("Đợt thử nghiệm (không công bố kết quả)"),
}
PLANNED, OPEN, PUBLISHED = "planned", "open", "published"
ROUND_STATE_NAMES: dict[str, str] = {
    PLANNED: N_("Đang chuẩn bị"),
    OPEN: N_("Đang mở"),
    PUBLISHED: N_("Đã công bố"),
}


class Round(PublicId, Base):
    """One round of a department: what for, which school year, until when on each level.

    `choice` says which schools the opening will take in (the plain form of `queries.UnitChoice`);
    `signed_copy_required`: a form is handed in only with its signed print, scanned or photographed.
    """

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_department_id_opens_at", "department_id", "opens_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    title: Mapped[str] = mapped_column(String(255))
    purpose: Mapped[str] = mapped_column(String(16))
    school_year: Mapped[str] = mapped_column(String(9))
    state: Mapped[str] = mapped_column(String(16), default=PLANNED)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    commune_closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    department_closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    grace_minutes: Mapped[int] = mapped_column(default=10, server_default="10")
    checking_levels: Mapped[int] = mapped_column(default=2, server_default="2")
    signed_copy_required: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    choice: Mapped[Any] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    department: Mapped[OrganisationUnit] = relationship()


class RoundFramework(Base):
    """The edition of a criteria set that a round uses for some stages."""

    __tablename__ = "round_framework"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"), primary_key=True)
    stages: Mapped[Any] = mapped_column(JSON)

    round: Mapped[Round] = relationship()
    framework_version: Mapped[FrameworkVersion] = relationship()


class Participation(PublicId, Base):
    """One unit in one round, as it was when the round opened, and who checks it.

    `sites` is a list of {"id", "code", "name", "main"}, the main one first; `stages` a list of stage codes.
    `search_text` and `sort_key` are of the frozen name, code and ward.
    """

    __tablename__ = "participation"
    __table_args__ = (
        UniqueConstraint("round_id", "unit_id"),
        Index("ix_participation_unit_id", "unit_id"),
        Index("ix_participation_round_id_ward_id", "round_id", "ward_id"),
        Index("ix_participation_round_id_sort_key", "round_id", "sort_key"),
        Index("ix_participation_reviewing_unit_id_round_id", "reviewing_unit_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    ward_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    reviewing_unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    reviewer_by_hand: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    unit_code: Mapped[str] = mapped_column(String(32), default="", server_default="")
    unit_name: Mapped[str] = mapped_column(String(255))
    ward_name: Mapped[str] = mapped_column(String(255))
    unit_type: Mapped[str] = mapped_column(String(16))
    area_type: Mapped[str] = mapped_column(String(16), default="", server_default="")
    ownership: Mapped[str] = mapped_column(String(16), default="", server_default="")
    stages: Mapped[Any] = mapped_column(JSON)
    sites: Mapped[Any] = mapped_column(JSON)
    extended_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extension_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    search_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    sort_key: Mapped[str] = mapped_column(Text, default="", server_default="")

    round: Mapped[Round] = relationship()
    unit: Mapped[OrganisationUnit] = relationship(foreign_keys=[unit_id])
    ward: Mapped[OrganisationUnit] = relationship(foreign_keys=[ward_id])
    reviewing_unit: Mapped[OrganisationUnit] = relationship(foreign_keys=[reviewing_unit_id])


class VetoEvent(PublicId, Base):
    """A fact that excludes a level, recorded by the managing authority with the concluding document."""

    __tablename__ = "veto_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"), index=True)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    code: Mapped[str] = mapped_column(String(16))
    event_date: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(255))
    document_number: Mapped[str] = mapped_column(String(64))
    document_date: Mapped[date] = mapped_column(Date)
    concluding_authority: Mapped[str] = mapped_column(String(255))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")

    participation: Mapped[Participation] = relationship()
