"""The papers of Tổ tự đánh giá as Word files: decision, minutes, report; what only people know is dotted.

The legal grounds of a school's own decision are for the school to name, so their lines are left blank. The
numbers of the report are those of `rules.scoring.score`, the same as on the pages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from survey_app.assessments.queries import Form
from survey_app.assessments.queries.team import CHAIR, SECRETARY, Team
from survey_app.assessments.signing import paper_mark, school_letterhead, signature_of
from survey_app.assessments.team import DUTY_NAMES
from survey_app.core.clock import local_date
from survey_app.core.filters import write_date, write_school_year
from survey_app.documents.letterhead import SIGN_NAME, Signature
from survey_app.documents.word import Column, Section, WordPaper
from survey_app.rules.scoring import Scorecard

DECISION, MINUTES, REPORT = "decision", "minutes", "report"
PAPERS = {DECISION: "QuyetDinhThanhLapTo", MINUTES: "BienBanHop", REPORT: "BaoCaoTuDanhGia"}
NAME = "tự đánh giá nhà trường an toàn, lành mạnh, thân thiện"


def team_paper(kind: str, form: Form, team: Team, card: Scorecard, *, now: datetime) -> bytes:
    """One of `PAPERS` as a .docx file."""
    return {DECISION: _decision, MINUTES: _minutes, REPORT: _report}[kind](form, team, card, now)


def _begin(title: str, form: Form) -> WordPaper:
    word = WordPaper(title)
    if mark := paper_mark(form):
        word.mark(mark)
    return word


def _decision(form: Form, team: Team, card: Scorecard, now: datetime) -> bytes:
    part, day = form.participation, team.row.decision_date if team.row else None
    number = team.row.decision_number if team.row else ""
    word = WordPaper("Quyết định thành lập Tổ tự đánh giá")  # about people, whatever the set: no mark
    word.letterhead(school_letterhead(part, number=number or "/QĐ", day=day))
    word.title("Quyết định", f"Về việc thành lập Tổ {NAME} {_year(form)}")
    head = signature_of(part.unit_type)
    word.paragraph(head.title.upper(), align="center")
    for _ in range(3):
        word.blank("Căn cứ")
    word.blank("Theo đề nghị của")
    word.title("Quyết định:")
    word.paragraph(f"Điều 1. Thành lập Tổ {NAME} của {part.unit_name} gồm các ông, bà có tên sau đây:")
    word.table(_TEAM, _members(form, team))
    word.paragraph(
        "Điều 2. Tổ tự đánh giá có nhiệm vụ nhập phiếu tự đánh giá theo phần được giao, tập hợp minh chứng "
        "và báo cáo thủ trưởng đơn vị trước khi nộp phiếu. Tổ tự giải thể khi hoàn thành nhiệm vụ."
    )
    word.paragraph(
        "Điều 3. Quyết định có hiệu lực kể từ ngày ký. Các ông, bà có tên ở Điều 1 thi hành quyết định."
    )
    word.signing(head, recipients=["Như Điều 3", "Lưu: VT"])
    return word.to_bytes()


def _minutes(form: Form, team: Team, card: Scorecard, now: datetime) -> bytes:
    word = _begin("Biên bản họp Tổ tự đánh giá", form)
    word.letterhead(school_letterhead(form.participation, dated=False))
    word.title("Biên bản", f"Họp Tổ {NAME} {_year(form)}")
    word.blank("Thời gian")
    word.blank("Địa điểm")
    word.heading("I. Thành phần")
    word.table(_TEAM[:4], [row[:4] for row in _members(form, team)])
    word.blank("Vắng")
    word.heading("II. Nội dung")
    word.paragraph(f"Tổ xem kết quả tự đánh giá: {_headline(card)}")
    word.blank("Ý kiến của các thành viên", lines=6)
    word.heading("III. Kết luận")
    word.blank("", lines=4)
    word.blank("Cuộc họp kết thúc lúc")
    signers = (("Thư ký", SECRETARY), ("Tổ trưởng", CHAIR))
    word.signing(*(Signature(title, name=_named(team, duty), note=SIGN_NAME) for title, duty in signers))
    return word.to_bytes()


def _report(form: Form, team: Team, card: Scorecard, now: datetime) -> bytes:
    part, framework = form.participation, form.framework
    word = _begin("Báo cáo tự đánh giá", form)
    word.letterhead(school_letterhead(part, number="/BC", day=local_date(now)))
    word.title("Báo cáo", f"Kết quả {NAME} {_year(form)}")
    word.heading("I. Tổ chức tự đánh giá")
    word.paragraph(_set_up(team))
    word.table(_TEAM, _members(form, team))
    word.heading("II. Kết quả")
    word.paragraph(f"Bộ tiêu chí: {framework.title.vi}, phiên bản {framework.version}.")
    word.paragraph(_headline(card))
    word.table(_SUMS, _sums(form, card))
    word.heading("III. Tiêu chí chưa đạt")
    unmet = list(_unmet(form, card))
    if unmet:
        word.table(_UNMET, unmet)
    else:
        word.paragraph("Không có tiêu chí nào chưa đạt trong các tiêu chí đã trả lời.")
    word.heading("IV. Thuận lợi, khó khăn, kiến nghị")
    word.blank("", lines=5)
    row = form.assessment
    signer = signature_of(part.unit_type, row.signatory, deputy=row.signed_by_deputy)
    word.signing(signer, recipients=["Cơ quan quản lý trực tiếp", "Lưu: VT"])
    return word.to_bytes()


_TEAM = (
    Column("TT", 12, "center"),
    Column("Họ và tên", 48),
    Column("Chức vụ", 38),
    Column("Nhiệm vụ", 26),
    Column("Phần được giao", 41),
)
_SUMS = (
    Column("Lĩnh vực, nội dung", 85),
    Column("Áp dụng", 24, "right"),
    Column("Đạt", 24, "right"),
    Column("Bắt buộc đạt", 32, "right"),
)
_UNMET = (Column("Mã", 18), Column("Tiêu chí", 80), Column("Mức", 22), Column("Để đạt mức tiếp theo", 45))


def _members(form: Form, team: Team) -> Sequence[tuple[str, ...]]:
    rows = [
        (
            str(number),
            member.name,
            member.position,
            DUTY_NAMES[member.duty],
            ", ".join(code for code in form.framework.criteria if code in member.criteria),
        )
        for number, member in enumerate(team.members, start=1)
    ]
    return rows or [(str(number), "", "", "", "") for number in range(1, 6)]


def _named(team: Team, duty: str) -> str:
    return next((member.name for member in team.members if member.duty == duty), "")


def _set_up(team: Team) -> str:
    row = team.row
    number = row.decision_number if row and row.decision_number else "……"
    day = write_date(row.decision_date) if row and row.decision_date else "……"
    return f"Tổ tự đánh giá của trường được thành lập theo Quyết định số {number} ngày {day} gồm:"


def _year(form: Form) -> str:
    return f"năm học {write_school_year(form.round.school_year)}"


def _headline(card: Scorecard) -> str:
    tally = card.tally
    must = f"{tally.mandatory_met}/{tally.mandatory}"
    said = f"Đạt {tally.met}/{tally.applicable} tiêu chí áp dụng, bắt buộc {must}"
    if tally.answered < tally.applicable:
        said += f"; còn {tally.applicable - tally.answered} tiêu chí chưa trả lời"
    return f"{said} (theo tự đánh giá của trường)."


def _sums(form: Form, card: Scorecard) -> Iterator[tuple[str, ...] | Section]:
    tallies = {part.code: part.tally for part in card.criteria}
    for area in form.framework.areas:
        yield Section(area.name.vi)
        for criterion in area.criteria:
            tally = tallies[criterion.code]
            if tally.applicable:
                must = f"{tally.mandatory_met}/{tally.mandatory}"
                yield f"{criterion.code}. {criterion.name.vi}", str(tally.applicable), str(tally.met), must


def _unmet(form: Form, card: Scorecard) -> Iterator[tuple[str, ...]]:
    for line in card.indicators:
        indicator = form.framework.by_code[line.code]
        if not line.applicable or line.value is None or indicator.scale.is_met(line.value):
            continue
        level = next(level for level in indicator.levels if level.value == line.value)
        step = level.next_step.vi if level.next_step else ""
        yield line.code, indicator.statement.vi, indicator.scale.name_of(line.value).vi, step
