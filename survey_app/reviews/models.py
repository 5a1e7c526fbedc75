"""Tables of the authority's side: the examination of one form, and the values it confirms."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.assessments.models import Assessment
from survey_app.core.db import Base, UtcDateTime


class Review(Base):
    """The examination of one form: who holds it, what they conclude, who approved."""

    __tablename__ = "review"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    conclusion: Mapped[str] = mapped_column(Text, default="", server_default="")
    hold_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    send_back_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    assessment: Mapped[Assessment] = relationship()


class VerifiedScore(Base):
    """The value the authority confirms for one indicator of a form, with its reason where it differs.

    `value` None: not looked at yet, or to be looked at again after the school has dealt with what was given
    back; `earlier_value` and `earlier_reason` are then what stood before. `version` guards the whole row.
    """

    __tablename__ = "verified_score"
    __table_args__ = (Index("ix_verified_score_indicator_value", "indicator", "value"),)

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    earlier_value: Mapped[int | None]
    earlier_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    to_return: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    return_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
