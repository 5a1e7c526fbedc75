"""Who fills a form in together, and what each of them did."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from survey_app.assessments.models import (
    Answer,
    AnswerChange,
    AssessmentTeam,
    EvidenceUse,
    TeamMember,
)
from survey_app.assessments.queries.forms import Form
from survey_app.core.audit import AuditEvent
from survey_app.core.db import session
from survey_app.core.web import PER_PAGE, Page
from survey_app.rules.errors import N_, NotFound

CHAIR, SECRETARY, MEMBER = "chair", "secretary", "member"
DUTIES = (CHAIR, SECRETARY, MEMBER)


@dataclass(frozen=True)
class Team:
    """The team of a form: chair first, then the secretary; `row` None before anybody wrote it."""

    row: AssessmentTeam | None
    members: Sequence[TeamMember]

    @property
    def version(self) -> int:
        """The version a change is made on."""
        return self.row.version if self.row else 0

    def parts_of(self, user_id: int) -> frozenset[str]:
        """The codes of the nội dung that an account fills in; empty when nothing was given to it."""
        return frozenset(
            code for member in self.members if member.user_id == user_id for code in member.criteria
        )


def team_of(assessment_id: int) -> Team:
    """The team with its people, in two statements."""
    row = session.get(AssessmentTeam, assessment_id)
    return Team(row, members_of(assessment_id))


def members_of(assessment_id: int) -> Sequence[TeamMember]:
    """The people of a form's team: chair, secretary, then the others as they were written down."""
    rows = session.scalars(select(TeamMember).where(TeamMember.assessment_id == assessment_id)).all()
    return sorted(rows, key=_by_duty)


def members_of_forms(form_ids: Collection[int]) -> dict[int, list[TeamMember]]:
    """The people of several forms' teams, by form, in the same order; one statement."""
    found: dict[int, list[TeamMember]] = defaultdict(list)
    for member in session.scalars(select(TeamMember).where(TeamMember.assessment_id.in_(form_ids))):
        found[member.assessment_id].append(member)
    return {key: sorted(members, key=_by_duty) for key, members in found.items()}


def _by_duty(member: TeamMember) -> tuple[int, int]:
    return DUTIES.index(member.duty), member.id


def find_member(assessment_id: int, uid: str) -> TeamMember:
    """One person of the team; raises `NotFound`."""
    found = session.scalar(
        select(TeamMember).where(TeamMember.assessment_id == assessment_id, TeamMember.uid == uid)
    )
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Deed:
    """One saved change: of which indicator, at which site (0: the whole unit)."""

    change: AnswerChange
    indicator: str
    site_id: int


def deeds_of(assessment_id: int, page: int, *, actor_id: int | None = None) -> Page[Deed]:
    """Who saved what and when, the newest first, fifty a page; `actor_id` for one person alone."""
    mine = [Answer.assessment_id == assessment_id]
    if actor_id is not None:
        mine.append(AnswerChange.actor_id == actor_id)
    joined = select(AnswerChange, Answer.indicator, Answer.site_id).join(
        Answer, Answer.id == AnswerChange.answer_id
    )
    total = session.scalar(select(func.count()).select_from(joined.where(*mine).subquery())) or 0
    rows = session.execute(
        joined.where(*mine).order_by(AnswerChange.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    )
    return Page([Deed(*row) for row in rows], page, total)


# What people of a school do to a form besides answering, as its audit trail names it.
FORM_ACTS: dict[str, str] = {
    "assessment.submit": N_("Nộp phiếu"),
    "assessment.withdraw": N_("Rút phiếu"),
    "evidence.attach": N_("Dùng minh chứng cho tiêu chí"),
    "evidence.detach": N_("Gỡ minh chứng khỏi tiêu chí"),
    "profile.save": N_("Lưu thông tin nhà trường"),
    "return.settle": N_("Giữ nguyên câu trả lời được yêu cầu bổ sung"),
    "signed.add": N_("Thêm bản phiếu đã ký"),
    "signed.remove": N_("Gỡ bản phiếu đã ký"),
    "team.decision": N_("Ghi quyết định thành lập Tổ tự đánh giá"),
    "team.member": N_("Ghi người trong Tổ tự đánh giá"),
    "team.remove": N_("Bỏ người khỏi Tổ tự đánh giá"),
    "veto.confirm": N_("Trường xác nhận đã đọc ghi nhận"),
}


def acts_of(form: Form, page: int) -> Page[AuditEvent]:
    """What people of the form's own unit did to it besides answering, the newest first, fifty a page."""
    uses = select(EvidenceUse.uid).where(EvidenceUse.assessment_id == form.assessment.id)
    event = AuditEvent
    where = [
        event.unit_id == form.participation.unit_id,
        event.action.in_(FORM_ACTS),
        event.outcome == "done",
        or_(
            and_(event.subject_type == "Assessment", event.subject_id == form.assessment.uid),
            and_(event.subject_type == "EvidenceUse", event.subject_id.in_(uses)),
        ),
    ]
    total = session.scalar(select(func.count()).select_from(event).where(*where)) or 0
    rows = session.scalars(
        select(event).where(*where).order_by(event.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    )
    return Page(list(rows), page, total)


def who_saved(assessment_id: int) -> list[tuple[int | None, int]]:
    """(account, how many changes) of a form, the busiest first."""
    count = func.count(AnswerChange.id)
    rows = session.execute(
        select(AnswerChange.actor_id, count)
        .join(Answer, Answer.id == AnswerChange.answer_id)
        .where(Answer.assessment_id == assessment_id)
        .group_by(AnswerChange.actor_id)
        .order_by(count.desc())
    )
    return [(actor_id, number) for actor_id, number in rows]
