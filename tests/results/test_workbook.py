"""The result of one school as a workbook: the numbers of its page, for whoever may see the page."""

import io
import re
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from survey_app.core.db import session
from survey_app.rules.permissions import Role
from tests.factories.frameworks import plain_framework
from tests.factories.results import make_checked, publish_all
from tests.factories.rounds import make_framework_version, make_participation, make_round
from tests.results.conftest import OWN, Site, shown

HOSTILE = '=HYPERLINK("http://evil.example","x")'
CRITERIA, LINES = "Theo nội dung", "Từng tiêu chí"


def fetched(site: Site, uid: str) -> bytes:
    answer = site.client.get(f"/results/forms/{uid}/result.xlsx")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return answer.data


def rows(content: bytes, sheet: str) -> list[list[Any]]:
    """The rows of a sheet that say something."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [row for row in found if any(cell != "" for cell in row)]


def words(content: bytes, sheet: str) -> list[str]:
    """Each line of a sheet in one string."""
    return [" ".join(str(cell) for cell in row if cell != "") for row in rows(content, sheet)]


def xml(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


@pytest.fixture
def uid(site: Site) -> str:
    """A published form of a school whose name and reason look like formulas."""
    round_ = make_round(site.department, [site.version])
    part = make_participation(round_, site.school, unit_name=HOSTILE)
    form = make_checked(part, OWN, {"AT1.1": 1}, reason=HOSTILE)
    publish_all(round_)
    found = form.uid
    session.commit()
    return found


def test_the_first_sheet_has_the_header_the_headline_and_each_noi_dung(site: Site, uid: str) -> None:
    content = fetched(site, uid)
    said = words(content, CRITERIA)
    assert said[1] == f"TRƯỜNG {HOSTILE.upper()}"  # the school under its authority
    assert "KẾT QUẢ ĐÁNH GIÁ NĂM HỌC 2026 – 2027" in said
    assert "Đạt 2/4 tiêu chí áp dụng · bắt buộc 0/1" in said
    assert any(line.startswith("Kết quả: Chưa đạt · điểm chất lượng 50,0/100") for line in said), said
    assert "Trường tự đánh giá: 3/4 · bắt buộc 1/1" in said
    assert said[-2].startswith("HIỆU TRƯỞNG") and "BẢN NHÁP" not in " ".join(said)
    table = {row[1]: row for row in rows(content, CRITERIA)}
    assert table["AT1"] == ["Lĩnh vực AT", "AT1", "Nội dung AT1", 2, 2, 1, 1, 2, 0.5, "AT1.1"]
    assert table["LM1"] == ["Lĩnh vực LM", "LM1", "Nội dung LM1", 1, 2, 0.5, 1, 2, 0.5, "LM1.1"]
    total = next(row for row in rows(content, CRITERIA) if row[0] == "Tổng cộng")
    assert total[3:9] == [3, 4, 0.75, 2, 4, 0.5]


def test_every_criterion_has_both_values_and_the_reason_as_text(site: Site, uid: str) -> None:
    content = fetched(site, uid)
    table = {row[1]: row for row in rows(content, LINES)}
    assert table["AT1.1"][1:] == ["AT1.1", "Tiêu chí AT1.1", "Bắt buộc", 3, 1, -2, "Chưa đạt", HOSTILE]
    assert table["AT1.2"][1:] == ["AT1.2", "Tiêu chí AT1.2", "", 2, 2, 0, "Đạt", ""]
    assert table["LM1.2"][4:7] == ["Đạt", "Đạt", 0]  # two levels: their names
    sheet = xml(content, "xl/worksheets/sheet2.xml")
    assert "<f>" not in sheet and "hyperlink" not in sheet
    assert [
        formula[:4] for formula in re.findall(r"<f>([^<]+)", xml(content, "xl/worksheets/sheet1.xml"))
    ] == [*("SUM(", "SUM(", "IFER", "SUM(", "SUM(", "IFER")]


def test_it_prints_on_a4_with_the_heads_on_every_page(site: Site, uid: str) -> None:
    content = fetched(site, uid)
    for number in (1, 2):
        page = xml(content, f"xl/worksheets/sheet{number}.xml")
        assert 'paperSize="9"' in page and 'orientation="landscape"' in page and "fitToHeight" in page
    titles = re.findall(r"Print_Titles\"[^>]*>([^<]+)", xml(content, "xl/workbook.xml"))
    assert len(titles) == 2


def test_the_numbers_are_those_of_the_page(site: Site, uid: str) -> None:
    page = site.page(f"/results/forms/{uid}").partition('id="criteria-title"')[2].partition("</table>")[0]
    on_page = re.findall(r'class="first">(\w+)\..*?class="n">(\d+)/(\d+).*?class="n">(\d+)/(\d+)', page)
    table = {row[1]: row for row in rows(fetched(site, uid), CRITERIA)}
    assert [code for code, *_ in on_page] == ["AT1", "LM1"]
    for code, *counts in on_page:
        assert [int(table[code][place]) for place in (3, 4, 6, 7)] == list(map(int, counts))


def test_the_file_has_a_name_without_marks(site: Site) -> None:
    uid = shown(site, OWN, unit_name="Trường THCS Đặng Thuỳ Trâm")
    session.commit()
    answer = site.client.get(f"/results/forms/{uid}/result.xlsx")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=KetQua_truong-thcs-dang-thuy-tram_2027-2028.xlsx"
    )
    assert f'href="/results/forms/{uid}/result.xlsx"' in site.page(f"/results/forms/{uid}")


def test_a_draft_set_is_marked_on_every_sheet(site: Site) -> None:
    uid = shown(site, OWN, version=make_framework_version(plain_framework(status="draft")))
    session.commit()
    content = fetched(site, uid)
    for number, sheet in enumerate((CRITERIA, LINES), 1):
        assert words(content, sheet)[0] == "BẢN NHÁP"
        assert "BẢN NHÁP" in xml(content, f"xl/worksheets/sheet{number}.xml").partition("<oddHeader>")[2]


def test_before_publication_the_school_alone_has_its_own_claim(site: Site) -> None:
    uid = site.round_of({"AT1.1": 1, "AT1.2": 2}, publish=False)
    session.commit()
    content = fetched(site, uid)
    said = words(content, CRITERIA)
    assert "KẾT QUẢ THEO TỰ ĐÁNH GIÁ CỦA TRƯỜNG NĂM HỌC 2027 – 2028" in said
    assert "Còn 2 tiêu chí chưa trả lời, không tính là chưa đạt." in said
    table = {row[1]: row for row in rows(content, LINES)}
    assert table["AT1.1"][1:] == ["AT1.1", "Tiêu chí AT1.1", "Bắt buộc", 1, "Chưa đạt"]
    assert table["LM1.1"][1:] == ["LM1.1", "Tiêu chí LM1.1", "", "", ""]  # no answer is not "chưa đạt"
    assert f'href="/results/forms/{uid}/result.xlsx"' in site.page(f"/results/forms/{uid}")
    site.sit(Role.COMMUNE_OFFICER, site.commune_id)
    site.page(f"/results/forms/{uid}/result.xlsx", 404)


def test_a_viewer_reads_no_reasons_in_it_either(site: Site, uid: str) -> None:
    site.sit(Role.VIEWER, site.commune_id)
    assert HOSTILE not in site.page(f"/results/forms/{uid}").partition('id="lines-title"')[2]
    table = {row[1]: row for row in rows(fetched(site, uid), LINES)}
    assert table["AT1.1"][5:] == [1, -2, "Chưa đạt", ""]


def test_it_takes_few_statements(site: Site, uid: str, count_queries: Any) -> None:
    with count_queries() as seen:
        fetched(site, uid)
    assert len(seen) <= 12, "\n".join(seen.statements)


def test_a_claim_of_a_practice_round_says_so_on_every_sheet(site: Site) -> None:
    uid = site.round_of(OWN, publish=False, purpose="practice")
    session.commit()
    content = fetched(site, uid)
    assert [words(content, sheet)[0] for sheet in (CRITERIA, LINES)] == ["THỬ NGHIỆM"] * 2
