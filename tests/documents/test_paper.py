"""The form of an official paper, measured on the finished page (Nghị định 30/2020/NĐ-CP)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jinja2
import pytest

from survey_app.documents import paper
from survey_app.documents.letterhead import MOTTO, NATION, SIGN_HERE, Letterhead, Signature
from survey_app.documents.paper import fill, render_paper
from tests.documents.reading import pages_of, places_of, text_of

LONG = "Trường Tiểu học và Trung học cơ sở Tư thục Quốc tế Hòa Bình – Bình Minh Thành Phố Mới phường Cái Khế"
HEAD = Letterhead(
    "Ủy ban nhân dân thành phố Cần Thơ",
    "Sở Giáo dục và Đào tạo",
    "223/SGDĐT-GDTrH",
    "Cần Thơ",
    date(2026, 2, 5),
)
DEPUTY = Signature("Phó Giám đốc", on_behalf="KT. Giám đốc", name="Nguyễn Thị Mẫu")
REPORT = """{% import "documents/letterhead.html" as paper %}
{{ paper.mark(mark) }}{{ paper.letterhead(head, subject) }}
{{ paper.title("Báo cáo", "Kết quả tự đánh giá") }}
{% for number in range(paragraphs) %}<p>Đoạn {{ number }} của báo cáo.</p>{% endfor %}
{% if rows %}<table><thead><tr><th>TT</th><th>Nội dung</th></tr></thead>
{% for row in rows %}<tr><td>{{ loop.index }}</td><td class="free">{{ row }}</td></tr>{% endfor %}
</table>{% endif %}
<p>Câu cuối. {{ paper.box(true) }}</p>{{ paper.blank("Họ và tên", name) }}
{{ paper.signing(signatures, recipients, dated) }}"""


@pytest.fixture(autouse=True)
def _report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more folder with the template of these tests."""
    (tmp_path / "report.html").write_text(REPORT, "utf-8")
    environment = paper._environment()
    both = jinja2.ChoiceLoader([environment.loader, jinja2.FileSystemLoader(tmp_path)])
    monkeypatch.setattr(environment, "loader", both)
    environment.cache.clear()


def report(**values: object) -> bytes:
    usual = {
        **dict.fromkeys(("mark", "subject", "rows", "name", "recipients", "dated"), ""),
        "head": HEAD,
        "paragraphs": 1,
        "signatures": [DEPUTY],
    }
    return render_paper("report.html", usual | values, title="Báo cáo")


def test_the_head_stands_on_the_first_page_as_the_decree_asks() -> None:
    pdf = report()
    ((nation_left, _, nation_right, nation_top),) = places_of(pdf, NATION)
    ((motto_left, _, motto_right, motto_top),) = places_of(pdf, MOTTO)
    ((_, _, agency_right, _),) = places_of(pdf, "SỞ GIÁO DỤC VÀ ĐÀO TẠO")
    assert 297 - 25 <= nation_top <= 297 - 19 and motto_top < nation_top
    assert agency_right < nation_left and nation_right <= 210 - 15
    assert abs((nation_left + nation_right) - (motto_left + motto_right)) < 1
    ((_, number_bottom, _, _),), ((_, day_bottom, _, _),) = places_of(pdf, "Số"), places_of(pdf, "Cần Thơ")
    assert abs(number_bottom - day_bottom) < 0.7


def test_pages_are_numbered_on_top_from_the_second() -> None:
    pdf = report(paragraphs=90)
    pages = pages_of(pdf)
    assert len(pages) > 2 and not pages[0].endswith(" 1")
    for number, text in enumerate(pages[1:], 2):
        assert text.endswith(f" {number}")
        left, bottom, right, _ = places_of(pdf, str(number), number - 1)[-1]
        assert abs((left + right) / 2 - (30 + 195) / 2) < 1.5 and bottom > 297 - 20


def test_a_table_over_several_pages_repeats_its_head_and_keeps_its_rows_whole() -> None:
    pdf = report(rows=[f"{LONG} {number}" for number in range(60)])
    pages = [text for text in pages_of(pdf) if LONG[:20] in text]
    assert len(pages) > 2 and all("TT Nội dung" in text for text in pages)
    assert sum(text.count(LONG) for text in pages) == 60


@pytest.mark.parametrize("paragraphs", range(20, 46, 3))
def test_the_signature_is_never_alone_and_never_cut(paragraphs: int) -> None:
    pages = pages_of(report(paragraphs=paragraphs, recipients=["Như trên", "Lưu: VT"]))
    (last,) = (text for text in pages if "KT. GIÁM ĐỐC" in text)
    assert "PHÓ GIÁM ĐỐC" in last and "Nguyễn Thị Mẫu" in last and "- Lưu: VT." in last
    assert "Họ và tên" in last


def test_room_for_hand_and_seal_lies_between_office_and_name() -> None:
    pdf = report()
    ((_, office_bottom, _, _),), ((_, _, _, name_top),) = (
        places_of(pdf, "PHÓ GIÁM ĐỐC"),
        places_of(pdf, "Nguyễn"),
    )
    assert 24 <= office_bottom - name_top <= 40


def test_who_signs_by_hand_is_asked_for_name_and_seal_if_any() -> None:
    text = text_of(report(signatures=[Signature("Hiệu trưởng")], dated="Cái Khế, ngày …… tháng …… năm ………"))
    assert f"Cái Khế, ngày …… tháng …… năm ……… HIỆU TRƯỞNG {SIGN_HERE}" in text


def test_two_sign_side_by_side() -> None:
    pdf = report(signatures=[Signature("Thư ký"), DEPUTY], dated=HEAD.dated)
    ((secretary_left, secretary, _, _),), ((head_left, deputy, _, _),) = (
        places_of(pdf, "THƯ KÝ"),
        places_of(pdf, "KT. GIÁM ĐỐC"),
    )
    assert abs(secretary - deputy) < 0.7 and secretary_left < 105 < head_left


def test_long_names_wrap_inside_the_margins() -> None:
    school = Letterhead("Ủy ban nhân dân phường Cái Khế", LONG, "/BC-THTHCSHB", "Cái Khế")
    pdf = report(head=school, name=LONG, rows=["Mộttừrấtdàikhôngcókhoảngtrắng" * 8], subject=f"V/v {LONG}")
    assert LONG.upper() in text_of(pdf) and text_of(pdf).count(LONG) == 2
    for letter in "ABCDĐGHIKLMNOPQRSTUVXYabcdđeghiklmnopqrstuvxy":
        for left, _, right, _ in places_of(pdf, letter):
            assert 29.5 <= left and right <= 195.5


def test_a_draft_says_so_on_every_page_under_the_text() -> None:
    pages = pages_of(report(mark="BẢN NHÁP", paragraphs=60))
    assert len(pages) > 1 and all("BẢN NHÁP" in text for text in pages)
    assert "BẢN NHÁP" not in text_of(report())


def test_what_people_typed_is_text_and_a_missing_value_is_our_mistake() -> None:
    assert "<b>Trường</b> & Co" in text_of(report(name="<b>Trường</b> & Co"))
    with pytest.raises(jinja2.UndefinedError):
        fill("report.html", {})


def test_papers_write_numbers_in_vietnamese_without_any_request() -> None:
    assert paper.write_vietnamese_number(12345) == "12.345"
    assert paper.write_vietnamese_number(Fraction(25, 2), 1) == "12,5"
    assert paper.write_vietnamese_number(Decimal("0.25"), 1) == "0,3"
    assert paper.write_vietnamese_number(None) == "–"
