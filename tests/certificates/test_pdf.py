"""The paper: right words, only our fonts, one page, the QR code of the exact address, nothing drawn in."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from survey_app.certificates import service
from survey_app.certificates.pdf import (
    PREVIEW,
    TRIAL,
    draw_certificate,
    grade_words,
    merge_papers,
    name_lines,
)
from survey_app.documents.qr import qr_svg
from tests.factories.certificates import (
    BASE_URL,
    DISCLAIMER,
    issue_now,
    make_batch,
    make_town,
    sample_content,
)

LONGEST = (
    "Trường Tiểu học, Trung học cơ sở và Trung học phổ thông Quốc tế Song ngữ Mẫu Thị Minh Khai – "
    "Trung tâm Giáo dục nghề nghiệp và Giáo dục thường xuyên khu vực Đồng bằng sông Cửu Long – "
    "Phân hiệu tại thị trấn Mẫu Bảy, huyện Mẫu Hiệp, tỉnh Hậu Giang"
)


@pytest.fixture
def content() -> dict[str, Any]:
    """What an issued certificate says."""
    return sample_content()


def text_of(pdf: bytes) -> str:
    """The words on the first page, on one line."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return " ".join(page.get_textpage().get_text_range().split())


def test_the_paper_says_what_it_must(content: dict[str, Any]) -> None:
    words = text_of(draw_certificate(content))
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "GIÁM ĐỐC SỞ GIÁO DỤC VÀ ĐÀO TẠO THÀNH PHỐ CẦN THƠ GIẤY CHỨNG NHẬN",
        content["unit"]["name"],
        "Phường Ô Môn, thành phố Cần Thơ",
        "Đạt danh hiệu Danh hiệu thử, xếp loại Tốt",
        "Năm học 2026 – 2027",
        "Số: 0001/GCN-SGDĐT",
        "Theo Quyết định số 345/QĐ-SGDĐT ngày 10 tháng 5 năm 2027",
        "Có giá trị đến ngày 10/05/2029",
        "Tra cứu tại: truonghoc.example/tra-cuu",
        "Cần Thơ, ngày 10 tháng 5 năm 2027 GIÁM ĐỐC Lê Văn Mẫu",
        "Bộ tiêu chí thử, phiên bản 1",
        DISCLAIMER,
    ):
        assert part in words, part
    assert "mức" not in words and TRIAL not in words and "Trường học an toàn" not in words


def test_equal_contents_make_equal_bytes_that_name_the_digest(content: dict[str, Any]) -> None:
    pdf = draw_certificate(content)
    assert draw_certificate(content) == pdf
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    assert tuple(round(size / 72 * 25.4) for size in document[0].get_size()) == (297, 210)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", document.get_metadata_value("Keywords"))


@pytest.mark.parametrize("name", ["THCS Mẫu", LONGEST])
def test_only_our_fonts_are_in_the_file(content: dict[str, Any], tmp_path: Path, name: str) -> None:
    file = tmp_path / "c.pdf"
    file.write_bytes(draw_certificate(content | {"unit": content["unit"] | {"name": name}}))
    listed = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout
    fonts = [line.split()[0] for line in listed.splitlines()[2:]]
    assert fonts and all(re.fullmatch(r"[A-Z]{6}\+Tinos(-\w+)?", font) for font in fonts)


def test_the_longest_name_stays_whole_on_three_lines(content: dict[str, Any]) -> None:
    assert len(name_lines(LONGEST)[1]) <= 3
    pdf = draw_certificate(content | {"unit": content["unit"] | {"name": LONGEST}})
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    assert LONGEST in text_of(pdf).replace("\u00a0", " ")


def test_a_stage_is_not_torn_apart() -> None:
    lines = name_lines("Trường Phổ thông dân tộc nội trú Trung học cơ sở và Trung học phổ thông Mẫu Cương")[1]
    assert len(lines) == 2
    assert sum("Trung\u00a0học\u00a0cơ\u00a0sở" in line for line in lines) == 1


def test_the_qr_code_is_that_of_the_exact_address(content: dict[str, Any]) -> None:
    """The drawn code, read back module by module, equals the code of the address."""
    import segno

    pdf = draw_certificate(content)
    page = pypdfium2.PdfDocument(pdf)[0]
    scale = 10
    image = page.render(scale=scale).to_pil().convert("L")
    size, left, bottom = 28 / 25.4 * 72, 30 / 25.4 * 72, 31 / 25.4 * 72
    height = page.get_height()
    box = [round(x * scale) for x in (left, height - bottom - size, left + size, height - bottom)]
    matrix = segno.make(content["url"], error="m", mask=3, micro=False).matrix
    step = (box[2] - box[0]) / len(matrix)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            seen = image.getpixel((int(box[0] + (x + 0.5) * step), int(box[1] + (y + 0.5) * step)))
            assert (seen < 128) == bool(dark), (x, y)
    assert content["url"].startswith(BASE_URL + "/tra-cuu/") and qr_svg(content["url"])


def test_a_trial_and_a_preview_say_so(content: dict[str, Any]) -> None:
    assert TRIAL in text_of(draw_certificate(content | {"trial": True}))
    assert PREVIEW in text_of(draw_certificate(content, mark=PREVIEW))


def test_signature_and_seal_have_room_and_nothing_is_drawn_there(content: dict[str, Any]) -> None:
    page = pypdfium2.PdfDocument(draw_certificate(content))[0]
    scale = 4
    image = page.render(scale=scale).to_pil().convert("L")
    mm = 72 / 25.4 * scale
    width, height = image.size
    free = image.crop(
        (int(width - 115 * mm), int(height - 68 * mm), int(width - 30 * mm), int(height - 29 * mm))
    )
    assert free.getextrema()[0] > 240


def test_a_deputy_signs_on_behalf_and_a_reissue_names_what_it_replaces(content: dict[str, Any]) -> None:
    signer = {"title": "KT. Giám đốc / Phó Giám đốc", "name": ""}
    words = text_of(draw_certificate(content | {"signer": signer, "replaces": "0001/GCN-SGDĐT"}))
    assert "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC" in words and "cấp lại, thay giấy số 0001/GCN-SGDĐT" in words


def test_words_of_the_grade() -> None:
    assert [grade_words(level) for level in ("Đạt, xếp loại Tốt", "Đạt")] == ["xếp loại Tốt", ""]


def test_hostile_words_stay_words(content: dict[str, Any]) -> None:
    unit = content["unit"] | {"name": "{{ 7*7 }} <img src=file:///etc/passwd> & Cộng"}
    assert "{{ 7*7 }} <img src=file:///etc/passwd> & Cộng" in text_of(
        draw_certificate(content | {"unit": unit})
    )
    with pytest.raises(LookupError):
        draw_certificate(content | {"design": "../../documents"})


def test_merged_papers_keep_their_order(content: dict[str, Any]) -> None:
    numbers = ["0001/GCN", "0002/GCN", "0003/GCN"]
    merged = pypdfium2.PdfDocument(merge_papers(draw_certificate(content | {"number": n}) for n in numbers))
    pages = [merged[place].get_textpage().get_text_range() for place in range(len(merged))]
    assert [number in page for number, page in zip(numbers, pages, strict=True)] == [True] * 3


def test_a_preview_takes_no_number(session: Any) -> None:
    town = make_town(3)
    batch = make_batch(town)
    for which in service.previews(batch):
        content = service.preview_content(batch, which, base_url=BASE_URL)
        assert content["number"] == "……/GCN-SGDĐT" and content["code"] == "X" * 26
    assert [one.number for one in issue_now(town, batch)] == [1, 2, 3]
