"""Table of improvement plans: one action for one indicator."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.assessments.models import Assessment
from survey_app.core.db import Base, PublicId, UtcDateTime

TODO, DOING, DONE = "todo", "doing", "done"


class PlanItem(PublicId, Base):
    """One thing a school will do to raise one indicator; cost in thousand đồng."""

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
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()
