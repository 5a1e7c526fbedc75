"""What the workbook of one school's result says, as plain values: the same numbers as its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from survey_app.assessments.queries import Form
from survey_app.assessments.signing import paper_mark, school_letterhead, signature_of
from survey_app.core.clock import local_date
from survey_app.core.filters import write_date, write_minute, write_school_year
from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.documents.paper import write_vietnamese_number
from survey_app.results.blocks import BOTH, OWN, Block, Sides
from survey_app.results.models import Result
from survey_app.results.report import DRAFT_MARK
from survey_app.rules.scoring import Scorecard, Tally


@dataclass(frozen=True)
class Book:
    """A result, or before publication what the school claims; `notes` stand under the title."""

    letterhead: Letterhead
    signature: Signature
    title: str
    headline: tuple[str, ...]
    notes: tuple[str, ...]
    mark: str
    sides: Sides
    blocks: Sequence[Block]


def book_of(
    form: Form,
    result: Result | None,
    own: Scorecard,
    card: Scorecard | None,
    blocks: Sequence[Block],
    *,
    now: datetime,
) -> Book:
    """The workbook of a form as it is known at `now`; `card` is the confirmed scorecard of `result`."""
    framework, draft = form.framework, _is_draft(form, result)
    set_name = f"{framework.title.vi}, phiên bản {framework.version}"
    notes = [f"({form.round.title}; {set_name}; số liệu đến {write_minute(now)})"]
    if draft:
        notes.append("Bộ tiêu chí còn là bản nháp, số liệu chỉ để tham khảo.")
    school_year = write_school_year(form.round.school_year)
    what = "Kết quả đánh giá" if result else "Kết quả theo tự đánh giá của trường"
    return Book(
        school_letterhead(form.participation, day=local_date(now)),
        signature_of(form.participation.unit_type),
        f"{what} năm học {school_year}",
        _published(form, result, own, card) if result and card else _claimed(own),
        tuple(notes),
        paper_mark(form) if result is None else DRAFT_MARK if draft else "",
        BOTH if result else OWN,
        blocks,
    )


def _is_draft(form: Form, result: Result | None) -> bool:
    """As the set was when the result was frozen; before that as it is."""
    if result is None:
        return form.framework.is_draft
    return bool(result.content["facts"]["framework"]["status"] == "draft")


def _published(form: Form, result: Result, own: Scorecard, card: Scorecard) -> tuple[str, ...]:
    framework, day = form.framework, write_date(result.finalised_at)
    title = [award.title.vi for award in framework.awards if award.code == result.award]
    found = (
        framework.band_of[result.level].name.vi,
        *title,
        f"điểm chất lượng {write_vietnamese_number(card.quality, 1)}/100",
        f"công bố ngày {day}",
    )
    return (
        _headline(card.tally),
        "Kết quả: " + " · ".join(found),
        f"Trường tự đánh giá: {own.tally.met}/{own.tally.applicable}"
        f" · bắt buộc {own.tally.mandatory_met}/{own.tally.mandatory}",
        *_left_out(card.tally),
    )


def _claimed(own: Scorecard) -> tuple[str, ...]:
    open_ = own.tally.applicable - own.tally.answered
    unanswered = [f"Còn {open_} tiêu chí chưa trả lời, không tính là chưa đạt."] if open_ else []
    return _headline(own.tally), *unanswered, *_left_out(own.tally)


def _headline(tally: Tally) -> str:
    return (
        f"Đạt {tally.met}/{tally.applicable} tiêu chí áp dụng"
        f" · bắt buộc {tally.mandatory_met}/{tally.mandatory}"
    )


def _left_out(tally: Tally) -> list[str]:
    if not tally.not_applicable:
        return []
    return [f"{tally.not_applicable} tiêu chí không áp dụng, không tính vào kết quả."]
