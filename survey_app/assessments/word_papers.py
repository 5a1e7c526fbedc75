"""The papers of a form as Word files, saying the same as the PDF."""

from collections.abc import Iterator

from survey_app.assessments.papers import FormPaper, Line
from survey_app.documents.word import Column, Section, WordPaper

TT, CONTENT, SELF = Column("TT", 17), Column("Nội dung", 72), Column("Tự đánh giá", 34)
NOTES = Column("Ghi chú/\nminh chứng", 42)
BOX = "☐"


def form_docx(paper: FormPaper) -> bytes:
    """The form with its answers, to be looked at, signed or kept."""
    word = _begin(paper)
    word.heading(_numbered(paper, "II. ", "Các tiêu chí"))
    word.table([TT, CONTENT, SELF, NOTES], _filled_rows(paper))
    word.heading(_numbered(paper, "III. ", "Tổng hợp"))
    word.table(_SUMS, _sum_rows(paper))
    word.paragraph(f"Trường tự đánh giá: {paper.result}.")
    if paper.veto:
        word.paragraph(f"Về sự việc loại trừ do cơ quan quản lý ghi nhận, trường xác nhận: {paper.veto}.")
    word.paragraph(
        f"{paper.made} từ hệ thống. Số liệu trên giấy phải khớp với phiếu trên hệ thống khi nộp.", italic=True
    )
    word.signing(paper.signature, dated=paper.dated)
    return word.to_bytes()


def blank_docx(paper: FormPaper) -> bytes:
    """The empty copy to hand round."""
    word = _begin(paper)
    word.heading(_numbered(paper, "II. ", "Các tiêu chí"))
    word.paragraph(
        "Gồm các tiêu chí áp dụng cho trường theo cấp học và thông tin nhà trường đã khai. Đánh dấu x vào "
        "một ô của mỗi tiêu chí. Phiếu này để các thành viên trao đổi; kết quả được nhập trên hệ thống."
    )
    word.table([TT, Column("Nội dung và các mức", 114), Column(NOTES.heading, 34)], _blank_rows(paper))
    word.signing(paper.signature, dated=paper.dated)
    return word.to_bytes()


def _begin(paper: FormPaper) -> WordPaper:
    word = WordPaper(paper.title)
    if paper.mark:
        word.mark(paper.mark)
    word.letterhead(paper.head)
    word.title(paper.title, paper.set_name)
    for name, value in paper.facts:
        word.paragraph(f"{name}: {value}", align="left")
    if paper.profile:
        word.heading("I. Thông tin nhà trường")
        word.table([Column("Nội dung", 140), Column("Trả lời", 25, "center")], paper.profile)
    return word


def _numbered(paper: FormPaper, number: str, name: str) -> str:
    return f"{number}{name}" if paper.profile else name


def _said(line: Line) -> str:
    return f"{line.text} (bắt buộc đạt)" if line.mandatory else line.text


def _filled_rows(paper: FormPaper) -> Iterator[tuple[str, ...] | Section]:
    for line in paper.lines:
        if line.heading:
            yield Section(line.heading)
        else:
            yield line.code, _said(line), "\n".join((line.level, *line.sites)), "\n".join(line.notes)


def _blank_rows(paper: FormPaper) -> Iterator[tuple[str, ...] | Section]:
    for line in paper.lines:
        if line.heading:
            yield Section(line.heading)
            continue
        ticks = [
            f"{BOX} {choice.name}" + (f". {choice.sentence}" if choice.sentence else "")
            for choice in line.choices
        ]
        places = [f"{place}: ………………" for place in line.places]
        yield line.code, "\n".join((_said(line), *ticks, *places)), ""


_SUMS = (
    Column("Lĩnh vực", 50),
    Column("Áp dụng", 22, "right"),
    Column("Đã trả lời", 22, "right"),
    Column("Đạt", 22, "right"),
    Column("Bắt buộc đạt", 26, "right"),
    Column("Không áp dụng", 26, "right"),
)


def _sum_rows(paper: FormPaper) -> Iterator[tuple[str, ...]]:
    rows = [(row.name, row.tally) for row in paper.sums] + [("Cộng", paper.total)]
    for name, tally in rows:
        mandatory = f"{tally.mandatory_met}/{tally.mandatory}"
        yield (
            name,
            *map(str, (tally.applicable, tally.answered, tally.met)),
            mandatory,
            str(tally.not_applicable),
        )
