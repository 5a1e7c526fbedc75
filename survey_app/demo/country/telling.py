"""What everybody is told and what is written down of every act: steps, audit events, notices, vetoes."""

from datetime import datetime, timedelta

from survey_app.core.clock import local_date
from survey_app.core.db import Stored, stored_instant
from survey_app.core.filters import write_deadline
from survey_app.demo.country.case import Case
from survey_app.demo.country.checking import Checked
from survey_app.demo.country.course import Step
from survey_app.demo.country.scene import Person
from survey_app.demo.country.tables import Rows, as_json, uid_of
from survey_app.demo.story import HOLD_REASON, RETURN_MESSAGE
from survey_app.results.service import TOLD
from survey_app.rounds.school_years import days_of
from survey_app.rules.workflow import Action

OPENED = timedelta(minutes=30)  # after the round: when the authority records an excluding fact


def history_rows(rows: Rows, case: Case, checked: Checked) -> None:
    """The life of a form, act by act, as the services tell it."""
    entry = case.entry
    if case.veto:
        _veto(rows, case)
    if case.course.steps and case.framework.veto_answers:
        answer = case.framework.veto_answers[0].code
        _audit(rows, case, entry.spot.head, case.course.steps[0].at, "veto.confirm", None, {"answer": answer})
    for step in case.course.steps:
        who = _who(case, step)
        _before(rows, case, checked, step, who)
        note = RETURN_MESSAGE if step.action is Action.RETURN else ""
        rows["assessment_event"].append(
            (
                case.id,
                step.action.value,
                step.before.value,
                step.after.value,
                who.user_id,
                who.name,
                who.unit_name,
                note,
                stored_instant(step.at),
            )
        )
        old, new = {"state": step.before}, {"state": step.after}
        _audit(rows, case, who, step.at, f"assessment.{step.action}", old, new)
        _tell(rows, case, checked, step, who)


def _who(case: Case, step: Step) -> Person:
    people = {
        Action.SUBMIT: case.entry.spot.head,
        Action.APPROVE: case.entry.leader,
        Action.PUBLISH: case.entry.department.admin,
    }
    return people.get(step.action) or case.entry.officer


def _before(rows: Rows, case: Case, checked: Checked, step: Step, who: Person) -> None:
    """What an act leaves in the audit trail beside the change of state."""
    if step.action is Action.START_REVIEW and step is case.course.first(Action.START_REVIEW):
        _audit(rows, case, who, step.at, "review.assign", {"officer": None}, {"officer": who.user_id})
    elif step.action is Action.HOLD:
        _audit(rows, case, who, step.at, "review.hold", None, {"reason": HOLD_REASON})
    elif step.action is Action.RETURN:
        for code, why in checked.given_back.items():
            new = {"indicator": code, "to_return": True, "return_reason": why}
            _audit(rows, case, who, step.at, "review.mark", {"to_return": False, "return_reason": ""}, new)
    elif step.action is Action.SUBMIT and checked.given_back and step is not case.course.steps[0]:
        for code in checked.given_back:
            _audit(rows, case, who, step.at, "return.settle", None, {"indicator": code})


def _tell(rows: Rows, case: Case, checked: Checked, step: Step, who: Person) -> None:
    form, result = f"/assessments/{case.uid}", f"/results/forms/{case.uid}"
    if step.action is Action.RETURN:
        last = write_deadline(step.at + timedelta(days=6))
        title = f"Yêu cầu bổ sung {len(checked.given_back)} tiêu chí, hạn {last}"
        _notice(rows, case, "review.returned", title, RETURN_MESSAGE, form, who, step.at)
    elif step.action is Action.APPROVE:
        _notice(rows, case, "review.approved", "Kết quả kiểm tra đã được xác nhận", "", form, who, step.at)
    elif step.action is Action.PUBLISH:
        _notice(rows, case, "result", TOLD, f"{case.entry.round.title}.", result, who, step.at)


def _veto(rows: Rows, case: Case) -> None:
    """An excluding fact, on record before the school confirmed that it has read it."""
    entry, at = case.entry, case.entry.round.opens_at + OPENED
    day = max(local_date(at) - timedelta(days=60), days_of(entry.round.school_year)[0])
    uid, who = uid_of(entry.scene.seed, "veto", case.id), entry.leader
    document = f"{case.id % 90 + 10}/BB-KT"
    rows["veto_event"].append(
        (
            uid,
            entry.participation_id,
            case.form_set.version_id,
            case.veto,
            day.isoformat(),
            "Sân trường",
            document,
            (day + timedelta(days=10)).isoformat(),
            who.unit_name,
            who.user_id,
            stored_instant(at),
        )
    )
    url = f"/rounds/participations/{entry.uid}"
    body = f"{entry.round.title}. Nội dung ghi nhận có ở trang của đơn vị trong đợt."
    _notice(rows, case, "veto", "Có ghi nhận mới cần đọc và xác nhận", body, url, who, at)
    new = {"code": case.veto, "participation": entry.uid, "document": document}
    _audit(rows, case, who, at, "veto.record", None, new, subject=("VetoEvent", uid))


def _notice(
    rows: Rows, case: Case, kind: str, title: str, body: str, url: str, sender: Person, at: datetime
) -> None:
    order = len(rows["notice"])
    uid = uid_of(case.entry.scene.seed, "notice", case.id, kind, order)
    unit_id = case.entry.spot.unit_id
    rows["notice"].append((uid, unit_id, kind, title, body, url, sender.unit_id, stored_instant(at)))


def _audit(
    rows: Rows,
    case: Case,
    who: Person,
    at: datetime,
    action: str,
    old: object,
    new: object,
    *,
    subject: tuple[str, str] | None = None,
) -> None:
    kind, key = subject or ("Assessment", case.uid)
    before: Stored = None if old is None else as_json(old)
    rows["audit_event"].append(
        (
            stored_instant(at),
            who.user_id,
            who.name,
            who.role,
            who.unit_id,
            action,
            kind,
            key,
            before,
            as_json(new),
            "",
            "",
            "done",
        )
    )
