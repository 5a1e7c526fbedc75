"""Tables of improvement plans: one action for one indicator, the files that show it was done."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.assessments.models import Assessment
from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.evidence.models import EvidenceFile

TODO, DOING, DONE = "todo", "doing", "done"


class PlanItem(PublicId, Base):
    """One thing a school will do to raise one indicator; cost in thousand đồng.

    `marks` are up to five marks 1–5 by the codes of `items.MARK_NAMES`.
    """

    __tablename__ = "plan_item"
    __table_args__ = (Index("ix_plan_item_assessment_id", "assessment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    indicator: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(String(120), default="", server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    cost: Mapped[int | None]
    priority: Mapped[int] = mapped_column(default=2, server_default="2")
    status: Mapped[str] = mapped_column(String(8), default=TODO)
    marks: Mapped[Any] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()


class PlanEvidence(Base):
    """One file of the unit's store that shows what was done with an item."""

    __tablename__ = "plan_evidence"
    __table_args__ = (UniqueConstraint("item_id", "evidence_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("plan_item.id"))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), index=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    item: Mapped[PlanItem] = relationship()
    evidence: Mapped[EvidenceFile] = relationship()
