"""Tables of self-assessment: the form, its answers and their history, evidence uses, returns, events."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.evidence.models import EvidenceFile
from survey_app.frameworks.models import FrameworkVersion
from survey_app.rounds.models import Participation
from survey_app.rules.workflow import State

WHOLE_UNIT = 0  # the site of an answer that is given for the whole unit


class SchoolProfile(Base):
    """Yes/no facts of a unit in a round and its size: what applies to it, and who its peers are."""

    __tablename__ = "school_profile"

    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"), primary_key=True)
    facts: Mapped[Any] = mapped_column(JSON)
    classes: Mapped[int | None]
    pupils: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    participation: Mapped[Participation] = relationship()


class Assessment(PublicId, Base):
    """One unit's form against one criteria set in one round.

    The counts are kept in the transaction of each answer and equal what `rules.scoring` computes.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("participation_id", "framework_version_id"),
        Index("ix_assessment_round_id_state", "round_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id"))
    state: Mapped[str] = mapped_column(String(16), default=State.DRAFT)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    answered: Mapped[int] = mapped_column(default=0, server_default="0")
    applicable: Mapped[int] = mapped_column(default=0, server_default="0")
    met: Mapped[int] = mapped_column(default=0, server_default="0")
    mandatory: Mapped[int] = mapped_column(default=0, server_default="0")
    mandatory_met: Mapped[int] = mapped_column(default=0, server_default="0")
    evidence_needed: Mapped[int] = mapped_column(default=0, server_default="0")
    evidence_had: Mapped[int] = mapped_column(default=0, server_default="0")
    receipt_number: Mapped[str | None] = mapped_column(String(32), unique=True)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    signatory: Mapped[str] = mapped_column(String(120), default="", server_default="")
    signed_by_deputy: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    veto_answer: Mapped[str] = mapped_column(String(40), default="", server_default="")
    veto_comment: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    veto_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    participation: Mapped[Participation] = relationship()
    framework_version: Mapped[FrameworkVersion] = relationship()


class Answer(Base):
    """The value and comment of one indicator at one site (0: the whole unit), with its own version."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("assessment_id", "indicator", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    indicator: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int] = mapped_column(default=WHOLE_UNIT, server_default="0")
    value: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    confirmed: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class AnswerChange(Base):
    """One accepted change of an answer: history, idempotency and the source of conflicts (decision 10)."""

    __tablename__ = "answer_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    base_version: Mapped[int]
    version: Mapped[int]
    old_value: Mapped[int | None]
    new_value: Mapped[int | None]
    old_comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    new_comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    answer: Mapped[Answer] = relationship()


class EvidenceUse(PublicId, Base):
    """One file of the unit's store used for one indicator; `number` makes its code MC-AT3.2-01."""

    __tablename__ = "evidence_use"
    __table_args__ = (
        UniqueConstraint("assessment_id", "indicator", "number"),
        Index("ix_evidence_use_evidence_id", "evidence_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    indicator: Mapped[str] = mapped_column(String(16))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"))
    number: Mapped[int]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()
    evidence: Mapped[EvidenceFile] = relationship()


class SignedPage(PublicId, Base):
    """One file of the signed form (a scan, or one photograph of it), kept in the unit's store.

    `handed_in_at`: the form was handed in with it, so the file stays for good, also when a later page
    takes its place (`removed_at`).
    """

    __tablename__ = "signed_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence_file.id"), index=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()
    evidence: Mapped[EvidenceFile] = relationship()


class AssessmentTeam(Base):
    """Tổ tự đánh giá of one form: the school's own decision; `version` counts changes of team and people."""

    __tablename__ = "assessment_team"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    decision_number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    decision_date: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class TeamMember(PublicId, Base):
    """One person of the team, with or without an account; `criteria`: codes of the nội dung they do."""

    __tablename__ = "team_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[str] = mapped_column(String(120), default="", server_default="")
    duty: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    criteria: Mapped[Any] = mapped_column(JSON)


class AssessmentEvent(Base):
    """One step in the life of a form: what its line of steps shows."""

    __tablename__ = "assessment_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    action: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    unit_name: Mapped[str] = mapped_column(String(255), default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Return(Base):
    """The authority gave a form back: until when, with what message (written by the reviews room)."""

    __tablename__ = "assessment_return"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    deadline: Mapped[datetime] = mapped_column(UtcDateTime)
    message: Mapped[str] = mapped_column(Text, default="", server_default="")
    returned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    returned_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship()


class ReturnedIndicator(Base):
    """One reopened indicator of a return, and why; `settled_at` when the school has dealt with it.

    `kept_because`: why the school keeps its answer, "" when it changed it.
    """

    __tablename__ = "returned_indicator"

    return_id: Mapped[int] = mapped_column(ForeignKey("assessment_return.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept_because: Mapped[str] = mapped_column(String(1000), default="", server_default="")

    given_back: Mapped[Return] = relationship()
