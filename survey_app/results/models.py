"""Table of results: the frozen verified scorecard of one form, its level and award."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.assessments.models import Assessment
from survey_app.core.db import Base, PublicId, UtcDateTime


class Result(PublicId, Base):
    """What the round found for one form. Never changed; a later Result may supersede it.

    `content` is the verified scorecard and its facts as canonical JSON, `sha256` its digest, `own` the
    school's own scorecard. `quality_micro` is the quality score (0–100) in millionths, for statistics only:
    what people read is computed from the exact fraction in `content`.
    """

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("assessment_id", "number"),
        Index("ix_result_round_id_level", "round_id", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    number: Mapped[int] = mapped_column(default=1)
    level: Mapped[str] = mapped_column(String(40))
    award: Mapped[str | None] = mapped_column(String(40))
    met: Mapped[int]
    applicable: Mapped[int]
    mandatory_met: Mapped[int]
    mandatory: Mapped[int]
    quality_micro: Mapped[int]
    content: Mapped[Any] = mapped_column(JSON)
    own: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    finalised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finalised_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()
