"""The years of a school: a small line of up to five, and what can be compared where the set changed."""

import re
from dataclasses import replace
from typing import Any

from survey_app.core.db import session
from survey_app.results.models import Result
from survey_app.results.years import FLOOR, LEFT, ROOM, TOP, line_of, years_of
from survey_app.rules.framework import Framework
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.rounds import make_framework_version
from tests.results.conftest import OWN, Site, shown


def a_result(number: int, met: dict[str, bool], version: str = "1", own: int = 4) -> Result:
    """A result as far as its year is drawn from it, never stored."""
    facts = {
        "round": {"school_year": f"{2020 + number}-{2021 + number}"},
        "framework": {"version": version},
    }
    lines = [[code, 2 if holds else 1, holds, False, None] for code, holds in met.items()]
    content: dict[str, Any] = {"facts": facts, "indicators": lines}
    counts = {"met": sum(met.values()), "applicable": len(met)}
    return Result(content=content, own={"tally": {"met": own, "applicable": 4}}, **counts)


def four(met: int) -> dict[str, bool]:
    """Four indicators of which so many are met."""
    return {f"AT1.{number}": number < met for number in range(4)}


def test_shares_of_nothing_and_of_all_lie_on_the_floor_and_on_top() -> None:
    line = line_of(years_of([a_result(0, four(0)), a_result(1, four(4)), a_result(2, {})]), 0)
    assert [line.y(mark.year.verified) for mark in line.marks] == [FLOOR, TOP, FLOOR]
    assert [line.y(mark.year.own) for mark in line.marks] == [TOP] * 3
    assert (
        line.number_y(line.marks[0].year.verified) < FLOOR < line.width
    )  # above the mark, not below the floor


def test_five_years_are_shown_that_hold_the_one_of_the_page_and_fit_a_phone() -> None:
    years = years_of([a_result(number, four(2)) for number in range(8)])
    shown_years = [[mark.year.school_year[:4] for mark in line_of(years, here).marks] for here in (7, 3, 1)]
    assert shown_years == [
        ["2023", "2024", "2025", "2026", "2027"],
        ["2023", "2024", "2025", "2026", "2027"],
        ["2021", "2022", "2023", "2024", "2025"],
    ]
    line = line_of(years, 7)
    assert line.width <= LEFT + ROOM and all(LEFT < mark.x < line.width for mark in line.marks)


def test_a_change_of_the_set_counts_only_what_both_editions_have() -> None:
    before = {"AT1.1": False, "AT1.2": True, "gone": True}
    now = {"AT1.1": True, "AT1.2": True, "new": False}
    old, new, same = years_of([a_result(0, before), a_result(1, now, "2"), a_result(2, now, "2")])
    assert old.change is None and same.change is None and new.change is not None
    change = new.change
    assert (change.version, change.common) == ("1", 2)
    assert (change.then.met, change.then.of, change.now.met, change.now.of) == (1, 2, 2, 2)


def changed_set(*codes: str) -> Framework:
    """A later edition of the small set, with these indicators."""
    return replace(plain_framework([("AT", 100, [plain_indicator(code) for code in codes])]), version="2")


def section(text: str) -> str:
    return text.partition('aria-labelledby="years-title"')[2].partition("</section>")[0]


def test_the_page_draws_the_line_above_the_table_of_the_same_numbers(site: Site) -> None:
    shown(site, OWN)
    uid = shown(site, OWN | {"LM1.1": 3})
    session.commit()
    text = section(site.page(f"/results/forms/{uid}"))
    assert re.findall(r'class="number"[^>]*>([^<]+)', text) == ["50%", "75%"]
    assert re.findall(r'class="name"[^>]*>([^<]+)', text) == ["2027 –", "2028", "2028 –", "2029"]
    assert text.count('class="joined"') == 1 and "broken" not in text and "đổi bộ tiêu chí" not in text
    assert text.count('class="self"') == text.count('class="solid"') == 2
    rows = [re.findall(r'class="n">([^<]+)<', row) for row in text.split("<tr>")[2:]]
    assert rows == [["3/4", "2/4", "0/1"], ["4/4", "3/4", "0/1"]]
    own = section(site.page(f"/results/forms/{uid}?show=own"))
    assert re.findall(r'class="number"[^>]*>([^<]+)', own) == ["75%", "100%"] and "solid" not in own


def test_the_line_breaks_where_the_set_changed_and_says_what_can_be_compared(site: Site) -> None:
    shown(site, OWN)
    version = make_framework_version(changed_set("AT1.1", "LM1.1"), framework_id=site.version.framework_id)
    uid = shown(site, {"AT1.1": 3, "LM1.1": 2}, version=version)
    session.commit()
    text = section(site.page(f"/results/forms/{uid}"))
    assert text.count('class="broken"') == 1 and 'class="joined"' not in text and 'class="band"' in text
    assert (
        "Năm học 2028 – 2029 đổi bộ tiêu chí (phiên bản 1 → 2), so sánh 2 tiêu chí chung: "
        "lần trước đạt 0/2, lần này đạt 1/2." in text
    )


def test_nothing_in_common_is_said(site: Site) -> None:
    shown(site, OWN)
    fresh = changed_set("AT1.8", "AT1.9")
    version = make_framework_version(fresh, framework_id=site.version.framework_id)
    uid = shown(site, {"AT1.8": 3, "AT1.9": 3}, version=version)
    session.commit()
    text = section(site.page(f"/results/forms/{uid}"))
    assert "đổi bộ tiêu chí (phiên bản 1 → 2), không có tiêu chí chung để so sánh." in text


def test_one_year_alone_is_no_line(site: Site) -> None:
    uid = shown(site, OWN)
    session.commit()
    assert section(site.page(f"/results/forms/{uid}")) == ""


def test_more_years_take_no_more_statements(site: Site, count_queries: Any) -> None:
    addresses = [f"/results/forms/{shown(site, OWN)}" for _ in range(6)]
    session.commit()
    site.page(addresses[-1])  # criteria sets are read once for all
    with count_queries() as seen:
        site.page(addresses[-1])
    assert len(seen) <= 12, "\n".join(seen.statements)
