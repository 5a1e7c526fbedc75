"""Schools that still have to hand in, or to answer what was returned: whom notices and reminders go to."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import Select, case, select, type_coerce

from survey_app.assessments.models import Assessment
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.core.db import UtcDateTime, session
from survey_app.core.filters import write_deadline
from survey_app.notices.mail_words import REMINDER
from survey_app.notices.ports import DueForms, Offer
from survey_app.rounds.models import OPEN, Participation, Round
from survey_app.rounds.queries import visible_participations, visible_rounds
from survey_app.rules.errors import N_
from survey_app.rules.workflow import State

NOT_SUBMITTED, RETURNED = "not_submitted", "returned"
STATES = {NOT_SUBMITTED: State.DRAFT, RETURNED: State.RETURNED}
MOST_ROUNDS = 5
PAGE = "/assessments"


class FormsOfNotices:
    """`notices.ports.Forms`: groups of schools by the state of their forms, and what is due when."""

    def offers(self, actor: Actor, *, now: datetime) -> Sequence[Offer]:
        """The two groups of each open round, the newest round first."""
        rounds = session.scalars(
            select(Round)
            .where(visible_rounds(actor), Round.state == OPEN, Round.opens_at <= now)
            .order_by(Round.opens_at.desc(), Round.id.desc())
            .limit(MOST_ROUNDS)
        )
        return [offer for found in rounds for offer in _offers(found)]

    def units(self, actor: Actor, code: str) -> Select[int] | None:
        """The ids of the schools of a group in the actor's scope."""
        group, _, uid = code.partition(":")
        if group not in STATES:
            return None
        return (
            select(Participation.unit_id)
            .join(Assessment, Assessment.participation_id == Participation.id)
            .join(Round, Round.id == Participation.round_id)
            .where(
                Round.uid == uid,
                Round.state == OPEN,
                visible_participations(actor),
                Assessment.state == STATES[group],
            )
        )

    def due(self, *, now: datetime, until: datetime) -> Sequence[DueForms]:
        """Schools with a form not handed in, by round and instant of their own deadline."""
        own, common = Participation.extended_until, Round.closes_at
        deadline = type_coerce(case((own > common, own), else_=common), UtcDateTime())
        rows = session.execute(
            select(Round.id, Round.uid, Round.title, Round.department_id, deadline, Participation.unit_id)
            .join(Participation, Participation.round_id == Round.id)
            .join(Assessment, Assessment.participation_id == Participation.id)
            .where(
                Round.state == OPEN,
                Round.opens_at <= now,
                deadline > now,
                deadline < until,
                Assessment.state == State.DRAFT,
            )
            .distinct()
            .order_by(Round.id, deadline, Participation.unit_id)
        ).all()
        return [
            DueForms(
                f"{uid}:{local_date(instant):%Y%m%d}",
                title,
                instant,
                department_id,
                [unit_id for *_, unit_id in same],
            )
            for (_id, uid, title, department_id, instant), same in groupby(rows, key=lambda row: row[:5])
        ]


def _offers(round_: Round) -> list[Offer]:
    deadline = write_deadline(round_.closes_at)
    return [
        Offer(
            f"{NOT_SUBMITTED}:{round_.uid}",
            N_("Các trường chưa nộp phiếu: %(round)s"),
            {"round": round_.title},
            REMINDER,
            "Nhắc nộp phiếu tự đánh giá",
            f"{round_.title}: hạn nộp {deadline}. Trường chưa nộp đủ phiếu; đề nghị hoàn thành, kiểm tra rồi "
            "nộp trước hạn. Cần hỗ trợ, xin liên hệ cán bộ phụ trách.",
            PAGE,
        ),
        Offer(
            f"{RETURNED}:{round_.uid}",
            N_("Các trường chưa trả lời yêu cầu bổ sung: %(round)s"),
            {"round": round_.title},
            REMINDER,
            "Nhắc bổ sung phiếu tự đánh giá",
            f"{round_.title}: phiếu của trường đã được yêu cầu bổ sung nhưng chưa nộp lại. Đề nghị xem lý do "
            "ở từng tiêu chí, bổ sung rồi nộp lại trước hạn ghi trong yêu cầu.",
            PAGE,
        ),
    ]
