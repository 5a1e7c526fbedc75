"""Papers as Word files: read back with the library, as Word would."""

from datetime import date
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.documents.word import Column, Section, WordPaper

HEAD = Letterhead("UBND phường Ninh Kiều", "Trường THPT Sông Hậu", "/BC-SH", "Cần Thơ", date(2026, 11, 5))


def _read(paper: WordPaper) -> Any:
    return docx.Document(BytesIO(paper.to_bytes()))


@pytest.fixture
def paper() -> WordPaper:
    return WordPaper("Báo cáo tự đánh giá")


def _lines(document: Any) -> list[str]:
    return [line.text for line in document.paragraphs if line.text]


def test_a_paper_is_a4_with_the_margins_of_the_decree(paper: WordPaper) -> None:
    page = _read(paper).sections[0]
    assert [round(length.mm) for length in (page.page_width, page.page_height)] == [210, 297]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(length.mm) for length in margins] == [20, 20, 30, 15]


def test_a_wide_paper_lies() -> None:
    page = _read(WordPaper("Kế hoạch", wide=True)).sections[0]
    assert [round(length.mm) for length in (page.page_width, page.page_height)] == [297, 210]


def test_pages_are_numbered_from_the_second_on(paper: WordPaper) -> None:
    page = _read(paper).sections[0]
    assert page.different_first_page_header_footer
    assert page.header._element.findall(f".//{qn('w:fldSimple')}")[0].get(qn("w:instr")) == "PAGE"
    assert not page.first_page_header._element.findall(f".//{qn('w:fldSimple')}")


def test_the_letterhead_names_the_authority_above_the_school(paper: WordPaper) -> None:
    paper.letterhead(HEAD)
    left, right = _read(paper).tables[0].rows[0].cells
    assert left.text.split("\n") == ["UBND PHƯỜNG NINH KIỀU", "TRƯỜNG THPT SÔNG HẬU", "Số: ……/BC-SH"]
    assert right.text.split("\n")[1:] == ["Độc lập - Tự do - Hạnh phúc", "Cần Thơ, ngày 05 tháng 11 năm 2026"]


def test_a_title_is_in_capitals_above_its_subject(paper: WordPaper) -> None:
    paper.title("Báo cáo", "Kết quả tự đánh giá", "(Bản nháp)")
    assert _lines(_read(paper)) == ["BÁO CÁO", "Kết quả tự đánh giá", "(Bản nháp)"]


def test_a_table_repeats_its_heading_and_breaks_no_row(paper: WordPaper) -> None:
    paper.table([Column("TT", 12, "center"), Column("Nội dung", 100)], [Section("I. Cơ sở"), ("1", "Cổng")])
    table = _read(paper).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["TT", "Nội dung"],
        ["I. Cơ sở", "I. Cơ sở"],
        ["1", "Cổng"],
    ]
    marks = [[mark.tag for mark in row._tr.trPr] for row in table.rows]
    assert qn("w:tblHeader") in marks[0]
    assert all(qn("w:cantSplit") in mark for mark in marks)
    assert round(sum(cell.width.mm for cell in table.rows[0].cells)) == 165


def test_a_row_with_a_cell_too_few_is_an_error(paper: WordPaper) -> None:
    with pytest.raises(ValueError):
        paper.table([Column("TT", 12), Column("Nội dung", 100)], [("1",)])


def test_who_signs_stands_at_the_right_with_room_for_the_seal(paper: WordPaper) -> None:
    deputy = Signature("Phó Hiệu trưởng", "KT. Hiệu trưởng", "Nguyễn Thị Mẫu")
    paper.signing(deputy, recipients=["UBND phường", "Lưu: VT"])
    left, right = _read(paper).tables[0].rows[0].cells
    assert left.text.split("\n") == ["Nơi nhận:", "- UBND phường;", "- Lưu: VT;"]
    assert right.text.split("\n")[:2] == ["KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"]
    assert right.text.endswith("Nguyễn Thị Mẫu")
    assert round(right.paragraphs[2].paragraph_format.space_after.mm) == 26


def test_two_people_sign_side_by_side(paper: WordPaper) -> None:
    paper.signing(Signature("Thư ký"), Signature("Chủ tọa"))
    cells = _read(paper).tables[0].rows[0].cells
    assert [cell.text.split("\n")[0] for cell in cells] == ["THƯ KÝ", "CHỦ TỌA"]


@pytest.mark.parametrize("text", ["=1+1", "a\x00b\x0bc", "<w:p>", "dòng 1\ndòng 2", "\ufffe"])
def test_what_people_typed_stays_text(paper: WordPaper, text: str) -> None:
    paper.paragraph(f"[{text}]")
    paper.table([Column("A", 1)], [(text,)])
    kept = "".join(sign for sign in text if sign not in "\x00\x0b\ufffe")
    document = _read(paper)
    assert _lines(document)[0] == f"[{kept}]"
    assert document.tables[0].rows[1].cells[0].text == kept


def test_a_blank_is_dots_up_to_the_margin(paper: WordPaper) -> None:
    paper.blank("Họ và tên:", lines=2)
    first, second = (line for line in _read(paper).paragraphs if "\t" in line.text)
    assert (first.text, second.text) == ("Họ và tên:\t", "\t")
    assert round(first.paragraph_format.tab_stops[0].position.mm) == 165


def test_all_text_is_in_times_new_roman(paper: WordPaper) -> None:
    fonts = _read(paper).styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "cs", "eastAsia")} == {
        "Times New Roman"
    }


def test_a_mark_stands_on_every_page_beside_the_page_number(paper: WordPaper) -> None:
    paper.mark("BẢN NHÁP")
    page = _read(paper).sections[0]
    for header in (page.first_page_header, page.header):
        assert [line.text for line in header.paragraphs if line.text] == ["BẢN NHÁP"]
    assert page.header._element.findall(f".//{qn('w:fldSimple')}")[0].get(qn("w:instr")) == "PAGE"
