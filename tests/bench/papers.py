"""One certificate beside a naive WeasyPrint call; a country's workbook beside a bare XlsxWriter loop."""

import base64
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, benchmark, in_turn
from tests.factories.certificates import sample_content

CERTIFICATES = 20
SCHOOLS, COLUMNS = 53_000, 70
MADE = datetime(2027, 5, 12, 7, 5, tzinfo=UTC)


@benchmark("certificate_ms")
def certificate_ms() -> Figure:
    """Milliseconds of one certificate when several are drawn in a row."""
    from survey_app.certificates.pdf import draw_certificate

    contents = [sample_content(number=f"{number:04d}/GCN-SGDĐT") for number in range(1, CERTIFICATES + 1)]
    draw_certificate(contents[0])

    def ours() -> float:
        return _each_ms(lambda: [draw_certificate(content) for content in contents])

    def naive() -> float:
        return _each_ms(lambda: [_naive_certificate(content) for content in contents])

    value, bare = in_turn(ours, naive, times=3)
    return Figure("certificate_ms", value, "ms", bare)


def _each_ms(act: Any) -> float:
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start) / CERTIFICATES


def _naive_certificate(content: dict[str, Any]) -> bytes:
    """The same page the way a first try would do it: everything is read and parsed anew each time."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from survey_app.certificates.pdf import _design, _words
    from survey_app.documents.pdf import FONTS
    from survey_app.documents.qr import qr_svg

    template, stylesheet, corner = _design(str(content["design"]))
    page = template.render(**_words(content, ""))
    for name, picture in {"corner.svg": corner, "qr.svg": qr_svg(content["url"], quiet=0)}.items():
        data = base64.b64encode(picture).decode()
        page = page.replace(f"asset:{name}", f"data:image/svg+xml;base64,{data}")
    fonts, faces = FontConfiguration(), (FONTS / "fonts.css").read_text("utf-8")
    sheets = [faces.replace("asset:", FONTS.as_uri() + "/"), stylesheet]
    styles = [CSS(string=text, font_config=fonts) for text in sheets]
    pdf: bytes = HTML(string=page).write_pdf(stylesheets=styles, font_config=fonts, pdf_tags=True)
    return pdf


@benchmark("excel_53000_s")
def excel_53000_s() -> Figure:
    """Seconds to write 53,000 schools × 70 columns through the writer every room uses."""
    with tempfile.TemporaryDirectory() as folder:
        value, bare = in_turn(
            lambda: _seconds(lambda: _our_book(Path(folder) / "a.xlsx")),
            lambda: _seconds(lambda: _bare_book(Path(folder) / "b.xlsx")),
            times=1,
        )
    return Figure("excel_53000_s", value, "s", bare)


def _seconds(act: Any) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _rows() -> Iterator[list[Any]]:
    for number in range(SCHOOLS):
        levels = [(number + column) % 4 for column in range(COLUMNS - 2)]
        yield [f"99{number:06d}", f"Trường Mẫu {number}", *levels]


def _headings() -> list[str]:
    return ["Mã", "Trường", *(f"TC{column}" for column in range(COLUMNS - 2))]


def _our_book(target: Path) -> None:
    from survey_app.documents.xlsx import Column, Sheet, write_book

    kinds = ["text", "text", *["integer"] * (COLUMNS - 2)]
    columns = [Column(name, kind) for name, kind in zip(_headings(), kinds, strict=True)]
    sheet = Sheet("Chi tiết", columns, _rows(), title="Chi tiết từng tiêu chí")
    write_book([sheet], title="Chi tiết", now=MADE, target=target)


def _bare_book(target: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _headings())
        for place, row in enumerate(_rows(), start=1):
            sheet.write_string(place, 0, row[0])
            sheet.write_string(place, 1, row[1])
            for column, value in enumerate(row[2:], start=2):
                sheet.write_number(place, column, value)
