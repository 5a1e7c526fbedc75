"""Descriptions of the charts the product draws, in its own colours: plain labels and exact numbers in.

Every number is printed beside its mark, so a chart reads in grey too. `description` says in one sentence what
is counted. `width` is the whole picture in pixels: 640 for a page or an A4 column, 340 for a phone.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from textwrap import fill
from typing import Any

from survey_app.core.filters import write_percent
from survey_app.documents.paper import write_vietnamese_number

INK, INK_2, LINE, EDGE = "#13252b", "#4d626a", "#dbe4e3", "#6f8784"
RAMP = ("#e6ebf0", "#b5d0e6", "#7fb2da", "#1b4f86")
DARK = RAMP[-1]
ROOM_FOR_NUMBER = 1.12  # beyond the longest bar, so that its number is not cut
Spec = dict[str, Any]

CONFIG: Mapping[str, Any] = {
    "font": "Be Vietnam Pro",
    "background": None,
    "lineBreak": "\n",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 13,
        "labelColor": INK_2,
        "labelLimit": 300,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titleColor": INK_2,
        "gridColor": LINE,
        "domain": False,
        "ticks": False,
        "labelPadding": 8,
    },
    "legend": {
        "labelFontSize": 13,
        "labelColor": INK,
        "symbolStrokeColor": EDGE,
        "symbolSize": 140,
        "title": None,
    },
    "text": {"fontSize": 13, "color": INK},
}


def bars(
    rows: Sequence[tuple[str, Fraction | int]], *, description: str, share: bool = True, width: int = 640
) -> Spec:
    """One bar a row; values are shares of one whole (0–1), or counts with `share=False`."""
    values: list[Spec] = [
        {
            "row": _row(number, label, width),
            "value": float(value),
            "text": write_percent(value) if share else write_vietnamese_number(value),
        }
        for number, (label, value) in enumerate(rows)
    ]
    most = 1.0 if share else max((row["value"] for row in values), default=1) or 1
    x = _quantity("value", ".0%" if share else ",d", [0, most * ROOM_FOR_NUMBER])
    if share:
        x["axis"]["values"] = [0, 0.25, 0.5, 0.75, 1]
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": DARK, "height": 18}, "encoding": {"x": x}},
        {"mark": {"type": "text", "align": "left", "dx": 6}, "encoding": {"x": x, "text": {"field": "text"}}},
    ]
    return _rows_chart(values, layers, description, width)


def distribution(
    rows: Sequence[tuple[str, Fraction, Fraction, Fraction, Fraction, Fraction]],
    *,
    description: str,
    domain: tuple[float, float],
    digits: int = 0,
    width: int = 640,
) -> Spec:
    """A strip a row: lowest, first quarter, middle, third quarter, highest; the middle is printed."""
    names = ("low", "q1", "middle", "q3", "high")
    values = [
        {"row": _row(number, label, width), "text": write_vietnamese_number(five[2], digits)}
        | dict(zip(names, map(float, five), strict=True))
        for number, (label, *five) in enumerate(rows)
    ]

    def span(low: str, high: str) -> Spec:
        return {"x": _quantity(low, f",.{digits}f", list(domain)), "x2": {"field": high}}

    middle = {"x": {"field": "middle", "type": "quantitative"}}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "color": EDGE, "strokeWidth": 2}, "encoding": span("low", "high")},
        {
            "mark": {"type": "bar", "color": RAMP[1], "stroke": EDGE, "height": 16},
            "encoding": span("q1", "q3"),
        },
        {"mark": {"type": "tick", "color": DARK, "thickness": 3, "height": 20}, "encoding": middle},
        {"mark": {"type": "text", "dy": -18}, "encoding": {**middle, "text": {"field": "text"}}},
    ]
    return _rows_chart(values, layers, description, width, above=12)


def histogram(
    bins: Sequence[tuple[int, int, int]], *, description: str, over: str, width: int = 640, height: int = 240
) -> Spec:
    """How many (`count`) lie from `low` up to `high`, for each (low, high, count); `over` names the axis.

    At least one bin.
    """
    names = ("low", "high", "count", "at", "text")
    values: list[Spec] = [
        dict(zip(names, (low, high, count, (low + high) / 2, write_vietnamese_number(count)), strict=True))
        for low, high, count in bins
    ]
    edges = sorted({edge for low, high, _ in bins for edge in (low, high)})
    x = {
        "field": "low",
        "bin": "binned",
        "type": "quantitative",
        "title": over,
        "scale": {"domain": [edges[0], edges[-1]], "nice": False},
        "axis": {"values": edges, "grid": False, "format": ",d"},
    }
    y = {"field": "count", "type": "quantitative", "title": None, "axis": {"format": ",d", "tickMinStep": 1}}
    place = {"x": x, "x2": {"field": "high"}, "y": y}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": RAMP[2], "stroke": EDGE, "strokeWidth": 0.5}, "encoding": place},
        {
            "transform": [{"filter": "datum.count > 0"}],
            "mark": {"type": "text", "dy": -8},
            "encoding": {
                "x": {"field": "at", "type": "quantitative"},
                "y": y,
                "text": {"field": "text"},
            },
        },
    ]
    return _chart(values, layers, description, width) | {"height": height}


def _row(number: int, label: str, width: int) -> str:
    """Key of a row: its number, then the label broken into lines; two schools may share a name."""
    return f"{number:04d} {fill(label, 34 if width >= 500 else 18)}"


def _quantity(field: str, number: str, domain: list[float]) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": None,
        "scale": {"domain": domain, "nice": False},
        "axis": {"format": number, "tickCount": 5},
    }


def _rows_chart(values: list[Spec], layers: list[Spec], description: str, width: int, above: int = 0) -> Spec:
    most_lines = max((row["row"].count("\n") for row in values), default=0)
    lift = [
        {"test": f"length(split(datum.label, '\\n')) === {lines + 1}", "value": -8 * lines}
        for lines in range(1, most_lines + 1)
    ]
    axis: Spec = {"labelExpr": "slice(datum.label, 5)"}
    if lift:
        axis["labelOffset"] = {"condition": lift, "value": 0}
    y = {"field": "row", "type": "nominal", "sort": None, "title": None, "axis": axis}
    step = 32 + 14 * most_lines + above
    return _chart(values, layers, description, width) | {"height": {"step": step}, "encoding": {"y": y}}


def _chart(values: list[Spec], layers: list[Spec], description: str, width: int) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": description,
        "width": width,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": values},
        "layer": layers,
        "config": CONFIG,
    }
