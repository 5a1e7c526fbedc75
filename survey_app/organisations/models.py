"""Tables of the tree of units: unit, its stages, its old names and codes, its sites."""

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId

DEPARTMENT = "department"
COMMUNE = "commune"
SCHOOL = "school"


class OrganisationUnit(PublicId, Base):
    """A department, a commune or a school; it points to its parent, never the other way round."""

    __tablename__ = "organisation_unit"
    __table_args__ = (
        Index("ix_organisation_unit_parent_id_kind", "parent_id", "kind"),
        Index("ix_organisation_unit_kind_sort_key", "kind", "sort_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    unit_type: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"))
    managing_authority_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"), index=True)
    authority_by_hand: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    specialised: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    address: Mapped[str] = mapped_column(String(500), default="", server_default="")
    area_type: Mapped[str | None] = mapped_column(String(16))
    ownership: Mapped[str | None] = mapped_column(String(16))
    search_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    sort_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    predecessor_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_unit.id"))
    contact_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    contact_phone: Mapped[str] = mapped_column(String(32), default="", server_default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="", server_default="")

    parent: Mapped["OrganisationUnit | None"] = relationship(remote_side=[id], foreign_keys=[parent_id])
    managing_authority: Mapped["OrganisationUnit | None"] = relationship(
        remote_side=[id], foreign_keys=[managing_authority_id]
    )
    predecessor: Mapped["OrganisationUnit | None"] = relationship(
        remote_side=[id], foreign_keys=[predecessor_id]
    )


class UnitStage(Base):
    """One school stage a unit teaches; a multi-level unit has several."""

    __tablename__ = "unit_stage"

    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(16), primary_key=True)

    unit: Mapped[OrganisationUnit] = relationship()


class UnitAlias(Base):
    """A code or name by which a unit was known, with its dates and where we know it from."""

    __tablename__ = "unit_alias"
    __table_args__ = (Index("ix_unit_alias_unit_id", "unit_id"), Index("ix_unit_alias_code", "code"))

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    code: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str | None] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(String(120), default="", server_default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)

    unit: Mapped[OrganisationUnit] = relationship()


class Site(Base):
    """The main campus or a satellite campus (điểm lẻ) of a school, with its dates."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("unit_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"))
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    is_main: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    address: Mapped[str] = mapped_column(String(500), default="", server_default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)

    unit: Mapped[OrganisationUnit] = relationship()
