"""Charts: clean SVG, our numbers, and a page that lives without them."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

from survey_app.documents import chart_specs, charts
from survey_app.documents.charts import render_chart
from survey_app.documents.pdf import render_pdf
from tests.documents.reading import fonts_of, text_of

HOSTILE = "</svg><script>alert('Xã')</script>"
ROWS = [
    ("Phường Ninh Kiều", Fraction(1, 5)),
    ("THCS Mẫu", Fraction(2, 3)),
    ("THCS Mẫu", Fraction(1)),
    (HOSTILE, 0),
]
FIVE = tuple(Fraction(number) for number in (10, 30, 50, 70, 95))
SPECS = {
    "bars": chart_specs.bars(ROWS, description="Tỷ lệ đã nộp"),
    "counts": chart_specs.bars([("Xã", 1234)], description="Số trường", share=False),
    "distribution": chart_specs.distribution([(HOSTILE, *FIVE)], description="Điểm", domain=(0, 100)),
    "histogram": chart_specs.histogram([(0, 10, 0), (10, 20, 7)], description="Điểm", over="Điểm"),
    "phone": chart_specs.bars(ROWS, description="Tỷ lệ đã nộp", width=340),
    "empty": chart_specs.bars([], description="Chưa có số liệu"),
}


def words_of(svg: str) -> str:
    return " ".join(
        "".join(element.itertext()) for element in ElementTree.fromstring(svg).iter() if element.text
    )


@pytest.mark.parametrize("name", SPECS)
def test_a_chart_carries_nothing_a_page_must_not(name: str) -> None:
    svg = render_chart(SPECS[name], prefix="c1")
    assert svg is not None
    for element in ElementTree.fromstring(svg).iter():
        assert element.tag.rpartition("}")[2] in charts._TAGS
        assert not [key for key in element.attrib if re.fullmatch(r"style|on.*|.*href|pointer-events", key)]
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        f"<!doctype html><title>x</title>{svg}<p>sau"
    )
    assert not list(page.iter("script"))
    assert [element.text for element in page.iter("p")] == ["sau"]


@pytest.mark.parametrize("name", SPECS)
def test_a_reader_hears_one_vietnamese_sentence(name: str) -> None:
    svg = render_chart(SPECS[name], prefix="c1")
    assert svg is not None
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img" and root.get("aria-label") == SPECS[name]["description"]
    spoken = [
        key for element in root.iter() if element is not root for key in element.attrib if "aria" in key
    ]
    assert not spoken


def test_numbers_are_ours_and_written_in_vietnamese() -> None:
    bars, counts = render_chart(SPECS["bars"], prefix="a"), render_chart(SPECS["counts"], prefix="b")
    assert bars and counts
    assert "67%" in words_of(bars) and "1.234" in words_of(counts)


def test_two_schools_of_one_name_stay_two_bars() -> None:
    svg = render_chart(SPECS["bars"], prefix="a")
    assert svg and words_of(svg).count("THCS Mẫu") == 2
    assert svg.count(f'fill="{chart_specs.DARK}"') == len(ROWS)


def test_a_hostile_name_is_read_as_it_was_typed() -> None:
    svg = render_chart(SPECS["bars"], prefix="a")
    assert svg and "<script" not in svg and "&lt;script&gt;" in svg


def test_ids_of_two_charts_never_meet() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" width="1" height="1">'
        '<defs><clipPath id="k0"><rect/></clipPath></defs><g clip-path="url(#k0)"/></svg>'
    )
    drawn = charts._for_page(svg, "tien-do", "x")
    assert 'id="tien-do-k0"' in drawn and "url(#tien-do-k0)" in drawn


@pytest.mark.parametrize(
    "inside",
    [
        "<script/>",
        "<a href='x'/>",
        "<image href='x'/>",
        "<g style='x'/>",
        "<g onclick='x'/>",
        "<foreignObject/>",
    ],
)
def test_a_drawing_with_something_active_is_not_shown(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" width="1" height="1">{inside}</svg>'
    with pytest.raises(charts.BadChart):
        charts._for_page(svg, "a", "x")


@pytest.mark.parametrize("key", ["href", "url"])
def test_a_description_that_links_or_loads_is_refused_before_drawing(key: str) -> None:
    spec: dict[str, Any] = {
        **SPECS["bars"],
        "layer": [{"mark": "bar", "encoding": {key: {"value": "javascript:x"}}}],
    }
    with pytest.raises(ValueError, match="neither links nor loads"):
        render_chart(spec, prefix="a")


def test_a_chart_that_cannot_be_drawn_is_tried_twice_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    broken = {**SPECS["bars"], "transform": [{"calculate": "foo(", "as": "b"}]}
    with caplog.at_level(logging.WARNING):
        assert render_chart(broken, prefix="a") is None
    assert len(caplog.records) == 2
    charts._draw.cache_clear()
    assert render_chart(SPECS["bars"], prefix="a")


def test_the_second_try_draws_after_a_link_broke_the_engine() -> None:
    """A link in a chart breaks the engine's next drawing: first that it does, then that we live with it."""
    linked = {**SPECS["counts"], "layer": [{"mark": "bar", "encoding": {"href": {"value": "javascript:x"}}}]}
    with suppress(ValueError):
        charts._engine().vegalite_to_svg(linked)
    with pytest.raises(ValueError):
        charts._engine().vegalite_to_svg(SPECS["counts"])
    with suppress(ValueError):
        charts._engine().vegalite_to_svg(linked)
    charts._draw.cache_clear()
    assert render_chart(SPECS["bars"], prefix="a")


def test_the_same_chart_is_drawn_once() -> None:
    charts._draw.cache_clear()
    for prefix in ("a", "b", "a"):
        assert render_chart(SPECS["bars"], prefix=prefix)
    assert charts._draw.cache_info().misses == 1


def test_threads_draw_their_own_charts() -> None:
    charts._draw.cache_clear()
    specs = [chart_specs.bars([(f"Xã {number}", 1)], description="x") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda spec: render_chart(spec, prefix="a"), specs))
    assert all(svg and f"Xã {number}" in words_of(svg) for number, svg in enumerate(drawn))


def test_on_paper_a_chart_is_text_in_our_font() -> None:
    svg = render_chart(SPECS["bars"], prefix="a")
    pdf = render_pdf(f"<div>{svg}</div>", title="Biểu đồ")
    text = text_of(pdf).replace(" ", "")  # WeasyPrint places the letters of an SVG one by one
    assert "PhườngNinhKiều" in text and "67%" in text
    assert fonts_of(pdf) == {("Be Vietnam Pro", True)}
