"""A form on paper: with the answers, as an empty copy to hand round; and its receipt.

The numbers are those of `rules.scoring.score`, the same call as on the pages. Papers are Vietnamese.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from survey_app.assessments.cards import Card, Place, Sources, make_card
from survey_app.assessments.models import SchoolProfile
from survey_app.assessments.papers import Choice, FormPaper, Line, ReceiptPaper, Sum
from survey_app.assessments.queries import Form
from survey_app.assessments.signing import paper_mark, school_letterhead, signature_of
from survey_app.core.filters import write_datetime, write_deadline, write_minute, write_school_year
from survey_app.documents.letterhead import SIGN_NAME, Signature, write_place_and_date
from survey_app.organisations.stages import STAGE_NAMES
from survey_app.rounds.queries import review_deadline_for
from survey_app.rules.framework import Indicator
from survey_app.rules.scoring import Scorecard, score
from survey_app.rules.workflow import State

NOT_APPLICABLE, UNANSWERED = "Không áp dụng", "Chưa trả lời"
RECEIPT = "Mã hồ sơ"


@dataclass(frozen=True)
class Signing:
    """Who signs a print: the name may still be "", a deputy signs in the head's place."""

    name: str = ""
    deputy: bool = False


def filled_paper(form: Form, sources: Sources, signing: Signing, *, now: datetime) -> FormPaper:
    """The form with the school's answers, to be signed."""
    card = score(form.framework, form.facts, sources.values())
    return _paper(form, "Phiếu tự đánh giá", _filled_lines(form, sources, card), card, signing, now)


def blank_paper(form: Form, *, now: datetime) -> FormPaper:
    """An empty copy with every indicator that applies, its levels to be ticked by hand."""
    card = score(form.framework, form.facts, {})
    paper = _paper(form, "Phiếu tự đánh giá (mẫu trống)", _blank_lines(form), card, Signing(), now)
    facts = tuple(fact for fact in paper.facts if fact[0] != RECEIPT)
    signature = Signature("Người ghi phiếu", note=SIGN_NAME)
    return replace(paper, facts=facts, profile=(), veto="", signature=signature)


def _paper(
    form: Form, title: str, lines: Sequence[Line], card: Scorecard, signing: Signing, now: datetime
) -> FormPaper:
    framework, part = form.framework, form.participation
    head = school_letterhead(part)
    tallies = {area.code: area.tally for area in card.areas}
    version = f"phiên bản {framework.version}" + (", bản nháp" if framework.is_draft else "")
    return FormPaper(
        head=school_letterhead(part, dated=False),
        title=title,
        set_name=f"{framework.title.vi} ({version})",
        mark=paper_mark(form),
        facts=_facts(form),
        profile=_profile(form),
        lines=tuple(lines),
        sums=tuple(Sum(area.name.vi, tallies[area.code]) for area in framework.areas),
        total=card.tally,
        veto=_veto(form),
        signature=signature_of(part.unit_type, signing.name, deputy=signing.deputy),
        dated=write_place_and_date(head.place, None),
        made=f"In lúc {write_minute(now)}",
    )


def _facts(form: Form) -> tuple[tuple[str, str], ...]:
    part, row = form.participation, form.assessment
    stages = ", ".join(name for code, name in STAGE_NAMES.items() if code in form.facts.stages)
    facts = [
        ("Đơn vị", f"{part.unit_name} (mã {part.unit_code}), {part.ward_name}"),
        ("Cấp học", stages),
        ("Đợt đánh giá", _round_words(form)),
    ]
    if len(part.sites) > 1:
        facts.append(("Điểm trường", ", ".join(site["name"] for site in part.sites)))
    if form.profile and (size := _size_words(form.profile)):
        facts.append(("Quy mô", size))
    if row.receipt_number and row.submitted_at and row.state != State.DRAFT:
        facts.append((RECEIPT, f"{row.receipt_number}, nộp lúc {write_datetime(row.submitted_at)}"))
    return tuple(facts)


def _size_words(profile: SchoolProfile) -> str:
    """ "12 lớp, 1.234 học sinh", as far as the unit has said; people are named as in its own papers."""
    parts = ((profile.classes, "lớp"), (profile.pupils, "học sinh"))
    return ", ".join(f"{number:,} {name}".replace(",", ".") for number, name in parts if number)


def _round_words(form: Form) -> str:
    """The round, with its school year where its title does not say it already."""
    year = write_school_year(form.round.school_year)
    said = any(words in form.round.title for words in (year, form.round.school_year))
    return form.round.title if said else f"{form.round.title}, năm học {year}"


def _profile(form: Form) -> tuple[tuple[str, str], ...]:
    said = {True: "Có", False: "Không", None: "……"}
    known = form.facts.profile
    return tuple((ask.question.vi, said[known.get(ask.code)]) for ask in form.framework.profile)


def _veto(form: Form) -> str:
    """What the school confirmed about the excluding facts; "" where the set asks nothing."""
    if not form.framework.asks_about_veto:
        return ""
    row = form.assessment
    names = {answer.code: answer.name.vi for answer in form.framework.veto_answers}
    said = names.get(row.veto_answer, "") if row.veto_confirmed_at else ""
    return ". ".join(filter(None, (said, row.veto_comment))) or "Chưa xác nhận"


def _filled_lines(form: Form, sources: Sources, card: Scorecard) -> list[Line]:
    values = {line.code: line.value for line in card.indicators}
    lines: list[Line] = []
    for area in form.framework.areas:
        lines.append(Line(heading=area.name.vi.upper()))
        for criterion in area.criteria:
            lines.append(Line(heading=f"{criterion.code}. {criterion.name.vi}"))
            for indicator in criterion.indicators:
                made = make_card(form, indicator, sources)
                lines.append(_filled_line(made, values[indicator.code]))
    return lines


def _filled_line(card: Card, value: int | None) -> Line:
    indicator = card.indicator
    if card.why_not:
        return Line(indicator.code, indicator.statement.vi, level=NOT_APPLICABLE)
    differ = tuple(f"{place.name}: {_short(indicator, place)}" for place in card.places)
    comments = tuple(
        f"{place.name}: {place.comment}" if place.name else place.comment
        for place in card.places
        if place.comment
    )
    files = tuple(
        f"{used.code}: {'đã bị ẩn' if used.file.hidden_at else used.file.title}" for used in card.evidence
    )
    return Line(
        indicator.code,
        indicator.statement.vi,
        mandatory=card.mandatory,
        level=UNANSWERED if value is None else indicator.scale.name_of(value).vi,
        sites=differ if card.sites_differ else (),
        notes=comments + files,
    )


def _short(indicator: Indicator, place: Place) -> str:
    """A level's name up to its dash: "Mức 2"."""
    if place.value is None:
        return UNANSWERED.lower()
    return indicator.scale.name_of(place.value).vi.partition(" – ")[0]


def _blank_lines(form: Form) -> list[Line]:
    lines: list[Line] = []
    for area in form.framework.areas:
        of_area: list[Line] = []
        for criterion in area.criteria:
            cards = [make_card(form, indicator, Sources({})) for indicator in criterion.indicators]
            open_ones = [_blank_line(card) for card in cards if not card.why_not]
            if open_ones:
                of_area += [Line(heading=f"{criterion.code}. {criterion.name.vi}"), *open_ones]
        if of_area:
            lines += [Line(heading=area.name.vi.upper()), *of_area]
    return lines


def _blank_line(card: Card) -> Line:
    indicator = card.indicator
    choices = []
    for level in indicator.levels:
        name, sentence = indicator.scale.name_of(level.value).vi, level.sentence.vi
        choices.append(Choice(name, "" if sentence == name else sentence))
    return Line(
        indicator.code,
        indicator.statement.vi,
        mandatory=card.mandatory,
        choices=tuple(choices),
        places=tuple(place.name for place in card.places if place.name),
    )


def receipt_paper(form: Form, *, by: str, contact: Mapping[str, str]) -> ReceiptPaper:
    """The receipt of a form that was handed in: `by` who pressed the button, `contact` {"name", "phone"}."""
    row, part = form.assessment, form.participation
    reviewer = part.reviewing_unit
    until = write_deadline(review_deadline_for(form.round, reviewer.kind))
    person = ", ".join(filter(None, (contact.get("name", ""), contact.get("phone", ""))))
    framework = form.framework
    return ReceiptPaper(
        head=school_letterhead(part, dated=False),
        number=row.receipt_number or "",
        at=write_datetime(row.submitted_at),
        mark=paper_mark(form),
        facts=(
            ("Đơn vị", f"{part.unit_name} (mã {part.unit_code}), {part.ward_name}"),
            ("Đợt đánh giá", _round_words(form)),
            ("Bộ tiêu chí", f"{framework.title.vi}, phiên bản {framework.version}"),
            ("Số tiêu chí đã trả lời", f"{row.answered}/{row.applicable} tiêu chí áp dụng"),
            ("Người ký phiếu", row.signatory or "–"),
            ("Người nộp", by or "–"),
        ),
        next_step=f"{reviewer.name} kiểm tra, đánh giá trước {until}. Yêu cầu bổ sung (nếu có) và kết quả "
        "được báo trong mục Thông báo của đơn vị trên hệ thống.",
        contact=f"{reviewer.name}" + (f": {person}" if person else ""),
    )
