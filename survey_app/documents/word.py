"""A paper as a Word file (.docx), in the same official form as `paper.css` gives it in PDF.

    paper = WordPaper("Báo cáo tự đánh giá")
    paper.letterhead(head)
    paper.title("Báo cáo", "Kết quả tự đánh giá")
    paper.paragraph("…")
    paper.table([Column("TT", 12, "center"), Column("Nội dung", 100)], rows)
    paper.signing(Signature("Hiệu trưởng"), recipients=["Lưu: VT"])
    paper.to_bytes()

Form: Nghị định 30/2020/NĐ-CP, Appendix I (A4, margins 20/20/30/15 mm, Times New Roman 13–14 pt, page number
on top in the middle from page 2). Word writes text as text: nothing a person typed becomes a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from survey_app.documents.letterhead import MOTTO, NATION, Letterhead, Signature

if TYPE_CHECKING:
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
TEXT_WIDTH_MM = 210 - 30 - 15
WIDE_TEXT_WIDTH_MM = 297 - 20 - 20
SEAL_MM = 26
# What XML cannot hold; forms refuse it, so this meets only texts that came from elsewhere.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Align = Literal["left", "center", "right", "justify"]


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its width in mm and how its cells are aligned."""

    heading: str
    width: float
    align: Align = "left"


@dataclass(frozen=True)
class Section:
    """A row of a table that spans all columns, in bold: the heading of the rows below it."""

    text: str


class WordPaper:
    """One paper, written from top to bottom; all texts are plain, a line feed in one begins a new line."""

    def __init__(self, title: str, *, wide: bool = False) -> None:
        """Begin an empty A4 paper, lying when `wide`; `title` is what the file calls itself."""
        import docx  # at first use, not at start-up (decision 16)

        self._document: Any = docx.Document()
        self._wide = wide
        self._document.core_properties.title = _clean(title)
        self._document.core_properties.author = ""
        self._document.core_properties.language = "vi-VN"
        self._page()
        self._style()

    def mark(self, text: str) -> None:
        """A line on top of every page, the first one too: "BẢN NHÁP"."""
        page = self._document.sections[0]
        for header in (page.first_page_header, page.header):
            lines = header.paragraphs
            line = lines[0] if not lines[0]._p.xpath("./w:fldSimple") else header.add_paragraph()
            _set(line, text, align="center", size=14, bold=True)

    def letterhead(self, head: Letterhead) -> None:
        """The block on top: on the left who issues, on the right the nation, place and date."""
        half = self._width / 2
        table = self._plain_table([half - 6, half + 6])
        left, right = table.rows[0].cells
        _write(left, head.superior_line, size=12)
        _write(left, head.agency_line, size=12, bold=True)
        if head.number_line:
            _write(left, head.number_line, size=13)
        _write(right, NATION, size=12, bold=True)
        _underline(_write(right, MOTTO, size=13, bold=True))
        if head.dated:
            _write(right, head.dated, size=14, italic=True)

    def title(self, kind: str, subject: str = "", note: str = "") -> None:
        """The paper's kind in capitals, what it is about below it in bold, a note in brackets in italics."""
        self._line(kind.upper(), align="center", bold=True, before=14)
        if subject:
            self._line(subject, align="center", bold=True)
        if note:
            self._line(note, align="center", italic=True, size=13)

    def heading(self, text: str) -> None:
        """A bold line that stays with what follows it."""
        self._line(text, bold=True, before=10, after=6).paragraph_format.keep_with_next = True

    def paragraph(self, text: str, *, align: Align = "justify", italic: bool = False) -> None:
        """A paragraph; justified ones begin 10 mm inside, as the decree asks."""
        line = self._line(text, align=align, italic=italic, before=6, after=6)
        if align == "justify":
            line.paragraph_format.first_line_indent = _mm(10)

    def items(self, texts: Iterable[str]) -> None:
        """One paragraph a text, each after a dash."""
        for text in texts:
            self.paragraph(f"- {text}")

    def blank(self, label: str, lines: int = 1) -> None:
        """A label and dots up to the margin, to be filled in by hand; further lines are dots alone."""
        for number in range(lines):
            line = self._line(label if number == 0 else "", before=4, after=4)
            line.paragraph_format.tab_stops.add_tab_stop(_mm(self._width), *_dotted())
            line.add_run("\t")

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str] | Section]) -> None:
        """A ruled table whose heading is repeated on each page; no row is broken over two pages.

        Widths are shared out over the text width (165 mm, lying 257 mm). A row has one text for each column.
        """
        share = self._width / sum(column.width for column in columns)
        table = self._document.add_table(rows=1, cols=len(columns))
        table.style = "Table Grid"
        table.autofit = False
        for cell, column in zip(table.rows[0].cells, columns, strict=True):
            _write(cell, column.heading, size=13, bold=True)
        _repeat(table.rows[0])
        for row in rows:
            _fill(table.add_row(), columns, row)
        for place, column in enumerate(columns):
            for cell in table.columns[place].cells:
                cell.width = _mm(column.width * share)
        self._line("", size=6)

    def signing(self, *signatures: Signature, recipients: Sequence[str] = (), dated: str = "") -> None:
        """Who receives the paper on the left, who signs on the right (several side by side); on one page."""
        columns = max(2, len(signatures)) if not recipients else 1 + len(signatures)
        table = self._plain_table([self._width / columns] * columns)
        cells = list(table.rows[0].cells)
        if recipients:
            _write(cells[0], "Nơi nhận:", size=12, bold=True, italic=True, align="left")
            for name in recipients:
                _write(cells[0], f"- {name};", size=11, align="left")
        for cell, signature in zip(cells[-len(signatures) :], signatures, strict=True):
            _sign(cell, signature, dated if signature is signatures[-1] else "")

    def new_page(self) -> None:
        """Go on, on the next page."""
        self._document.add_page_break()

    def to_bytes(self) -> bytes:
        """The .docx file."""
        stream = BytesIO()
        self._document.save(stream)
        return stream.getvalue()

    @property
    def _width(self) -> float:
        return WIDE_TEXT_WIDTH_MM if self._wide else TEXT_WIDTH_MM

    def _page(self) -> None:
        from docx.enum.section import WD_ORIENT

        page = self._document.sections[0]
        page.page_width, page.page_height = (_mm(297), _mm(210)) if self._wide else (_mm(210), _mm(297))
        page.orientation = WD_ORIENT.LANDSCAPE if self._wide else WD_ORIENT.PORTRAIT
        page.top_margin = page.bottom_margin = _mm(20)
        page.left_margin, page.right_margin = (_mm(20), _mm(20)) if self._wide else (_mm(30), _mm(15))
        page.header_distance = _mm(10)
        page.different_first_page_header_footer = True
        number = page.header.paragraphs[0]
        number.alignment = _alignment("center")
        number._p.append(_element("w:fldSimple", {"w:instr": "PAGE"}))

    def _style(self) -> None:
        from docx.shared import Pt

        style = self._document.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(14)
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            style.element.rPr.rFonts.set(_name(script), FONT)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)

    def _plain_table(self, widths: Sequence[float]) -> Any:
        table = self._document.add_table(rows=1, cols=len(widths))
        table.autofit = False
        for cell, width in zip(table.rows[0].cells, widths, strict=True):
            cell.width = _mm(width)
        _unbroken(table.rows[0])
        return table

    def _line(
        self,
        text: str,
        *,
        align: Align = "left",
        size: float = 14,
        bold: bool = False,
        italic: bool = False,
        before: float = 0,
        after: float = 0,
    ) -> Paragraph:
        line: Paragraph = self._document.add_paragraph()
        return _set(line, text, align=align, size=size, bold=bold, italic=italic, before=before, after=after)


def _fill(row: Any, columns: Sequence[Column], texts: Sequence[str] | Section) -> None:
    _unbroken(row)
    if isinstance(texts, Section):
        _write(row.cells[0].merge(row.cells[-1]), texts.text, size=13, bold=True, align="left")
        return
    for cell, column, text in zip(row.cells, columns, texts, strict=True):
        _write(cell, text, size=13, align=column.align)


def _sign(cell: _Cell, signature: Signature, dated: str) -> None:
    if dated:
        _write(cell, dated, size=13, italic=True)
    for title in signature.lines:
        _write(cell, title, size=14, bold=True)
    note = _write(cell, signature.note, size=13, italic=True)
    note.paragraph_format.space_after = _mm(SEAL_MM)
    _write(cell, signature.name, size=14, bold=True)


def _write(
    cell: _Cell,
    text: str,
    *,
    size: float,
    bold: bool = False,
    italic: bool = False,
    align: Align = "center",
) -> Paragraph:
    """A further paragraph of a cell; the first one takes the empty paragraph that every cell begins with."""
    first = cell.paragraphs[-1]
    line = first if not first.runs and len(cell.paragraphs) == 1 else cell.add_paragraph()
    return _set(line, text, align=align, size=size, bold=bold, italic=italic)


def _set(
    line: Paragraph,
    text: str,
    *,
    align: Align,
    size: float,
    bold: bool = False,
    italic: bool = False,
    before: float = 0,
    after: float = 0,
) -> Paragraph:
    from docx.shared import Pt

    run = line.add_run(_clean(text))
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    line.alignment = _alignment(align)
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(before), Pt(after)
    return line


def _clean(text: str) -> str:
    return UNWRITABLE.sub("", text.replace("\r\n", "\n"))


def _underline(line: Paragraph) -> None:
    for run in line.runs:
        run.underline = True


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    _unbroken(row)


def _unbroken(row: Any) -> None:
    row._tr.get_or_add_trPr().append(_element("w:cantSplit"))


def _element(tag: str, attributes: dict[str, str] | None = None) -> Any:
    from docx.oxml import OxmlElement

    element = OxmlElement(tag)
    for name, value in (attributes or {}).items():
        element.set(_name(name), value)
    return element


def _name(tag: str) -> str:
    from docx.oxml.ns import qn

    name: str = qn(tag)
    return name


def _mm(length: float) -> Any:
    from docx.shared import Mm

    return Mm(length)


def _dotted() -> tuple[Any, Any]:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER

    return WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS


def _alignment(align: Align) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return getattr(WD_ALIGN_PARAGRAPH, align.upper())
