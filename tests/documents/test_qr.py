"""The code on paper and on screen."""

import io
from xml.etree import ElementTree

import pypdfium2
import pytest
import segno

from survey_app.documents.pdf import render_pdf
from survey_app.documents.qr import qr_svg

ADDRESS = "https://truonghocantoan.example/tra-cuu/7KQ2-M8XD-41PW"
SVG = "{http://www.w3.org/2000/svg}"


def test_it_is_one_svg_without_style_size_or_anything_active() -> None:
    svg = qr_svg(ADDRESS, title="Mã tra cứu </title><script>")
    root = ElementTree.fromstring(svg)
    assert svg.startswith(b"<svg ") and b"script>" not in svg.replace(b"&lt;script&gt;", b"")
    assert {element.tag for element in root.iter()} == {f"{SVG}svg", f"{SVG}title", f"{SVG}path"}
    assert not {name for element in root.iter() for name in element.attrib} & {
        "style",
        "class",
        "width",
        "href",
    }


def test_the_quiet_zone_is_four_modules_unless_said_otherwise() -> None:
    modules = len(segno.make(ADDRESS, error="m", mask=3, micro=False).matrix)
    assert f'viewBox="0 0 {modules + 8} {modules + 8}"'.encode() in qr_svg(ADDRESS)
    assert f'viewBox="0 0 {modules + 2} {modules + 2}"'.encode() in qr_svg(ADDRESS, quiet=1)


def test_printed_it_shows_every_module_of_the_code() -> None:
    matrix = segno.make(ADDRESS, error="m", mask=3, micro=False).matrix
    side, scale = len(matrix) + 8, 6
    pdf = render_pdf(
        '<img src="asset:qr.svg">',
        stylesheets=[f"@page{{size:{side}mm;margin:0}} body{{margin:0}} img{{display:block;width:{side}mm}}"],
        assets={"qr.svg": qr_svg(ADDRESS)},
        title="QR",
    )
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=scale * 25.4 / 72).to_pil().convert("L")
    for row, modules in enumerate(matrix, 4):
        for column, dark in enumerate(modules, 4):
            light = picture.getpixel((int((column + 0.5) * scale), int((row + 0.5) * scale)))
            assert isinstance(light, int | float)
            assert (light < 128) == bool(dark)


def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(ValueError):
        qr_svg("x" * 3000)


def test_the_code_says_the_address_at_level_m_or_better() -> None:
    code = segno.make(ADDRESS, error="m", mask=3, micro=False)
    assert code.error in ("M", "Q", "H")
    buffer = io.BytesIO()
    code.save(buffer, kind="svg", border=4, light="#fff", xmldecl=False, omitsize=True, svgclass=None, lineclass=None, nl=False)  # fmt: skip  # noqa: E501
    assert buffer.getvalue() == qr_svg(ADDRESS)
