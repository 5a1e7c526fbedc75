"""Charts as SVG made on the server from a Vega-Lite description: the same picture in a page and in a PDF.

Which is for what: a small bar beside a number in a table is `macros/charts.html` (no drawing library, always
there); an axis, a spread or a legend is a chart of this file. A chart holds no link; its figures stand in a
table below it, which is also what the page shows when `render_chart` answers None.

    spec = chart_specs.bars(rows, description="Tỷ lệ trường đã nộp theo phường, xã")
    svg = render_chart(spec, prefix="submitted")

In HTML put it into a region that scrolls sideways; its width is that of the description (640 by default).
vl-convert starts a JavaScript engine inside the process: 0.6 s and 65 MB at the first chart, then 50 ms each;
pictures already drawn are kept (128, by content).
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from survey_app.core import logs
from survey_app.documents.pdf import FONTS

NUMBERS = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
SVG = "http://www.w3.org/2000/svg"
_TAGS = {
    "svg",
    "g",
    "defs",
    "clipPath",
    "linearGradient",
    "stop",
    "path",
    "rect",
    "line",
    "circle",
    "text",
    "tspan",
}
_FETCHING = {"href", "url"}
_SPOKEN = re.compile(r"aria-.*|role|class|pointer-events|cursor")
_FORBIDDEN = re.compile(r"style|on.*|(\{.*\})?href")
_REFERENCE = re.compile(r"url\(#([\w-]+)\)")


class BadChart(Exception):
    """The drawing holds something a page must not carry."""


def render_chart(spec: Mapping[str, Any], *, prefix: str) -> str | None:
    """The chart as one `<svg>` element, or None when it cannot be drawn (tried twice, logged).

    `spec["description"]` is what a screen reader says. Ids begin with `prefix`: each chart of a page has its
    own. Raises ValueError for a description that links or loads (`href`, `url`): a mistake of ours.
    """
    if _FETCHING & set(_keys(spec)):
        raise ValueError("a chart neither links nor loads: give it values")
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True)
    for attempt in (1, 2):
        try:
            return _for_page(_draw(text), prefix, str(spec["description"]))
        except (ValueError, BadChart, ElementTree.ParseError) as error:
            logs.log.warning("chart not drawn", chart=prefix, attempt=attempt, exc_info=error)
    return None


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _keys(inner)


@lru_cache(maxsize=128)
def _draw(spec: str) -> str:
    svg: str = _engine().vegalite_to_svg(spec, allowed_base_urls=[], format_locale=NUMBERS)
    return svg


@lru_cache(maxsize=1)
def _engine() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))  # measures labels in the font that will show them
    return vl_convert


def _for_page(svg: str, prefix: str, description: str) -> str:
    """Ids made unique, Vega's English for screen readers replaced by our sentence, nothing active."""
    root = ElementTree.fromstring(svg)
    _clean(root, prefix)
    size = {name: root.attrib[name] for name in ("viewBox", "width", "height")}
    root.attrib = {"class": "chart", "role": "img", "aria-label": description, **size}
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element, prefix: str) -> None:
    if element.tag.removeprefix(f"{{{SVG}}}") not in _TAGS:
        raise BadChart(f"element {element.tag}")
    for name, value in tuple(element.attrib.items()):
        if _FORBIDDEN.fullmatch(name):
            raise BadChart(f"attribute {name}")
        if _SPOKEN.fullmatch(name):
            del element.attrib[name]
        elif name == "id":
            element.attrib[name] = f"{prefix}-{value}"
        else:
            element.attrib[name] = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    for child in tuple(element):
        if child.get("opacity") == "0" or child.get("display") == "none":
            element.remove(child)
        else:
            _clean(child, prefix)
