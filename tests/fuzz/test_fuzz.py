"""The short form of `make fuzz`, and proof that the fuzzer sees what it looks for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string, request
from xlsxwriter import Workbook

from survey_app.core.access import public
from survey_app.core.db import unit_of_work
from tests.fuzz.afterwards import holds_typed_formulas, live_formulas, look_afterwards
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.pages import PageReader, live_markup
from tests.fuzz.seats import Seat, take_seats
from tests.fuzz.towns import make_small_town
from tests.fuzz.values import CLASSES, MARK

NOBODY = Seat("anonymous")
FORM = (
    '<form method="post" action="/planted"><input name="csrf_token" type="hidden" value="{{ csrf_token() }}">'
)
FORM += '<input name="word" value="a"><input name="other"><button>Gửi</button></form>'


def plant(app: Flask, answer: Callable[[], Any]) -> Fuzzer:
    """A fuzzer of one form, whose word `answer` gets."""
    app.config["TESTING"] = False
    app.add_url_rule("/planted", "planted", public(lambda: render_template_string(FORM)))
    app.add_url_rule("/planted", "planted_post", public(answer), methods=["POST"])
    fuzzer = Fuzzer(app, [NOBODY], seed=3)
    fuzzer.starts = ["/planted"]
    return fuzzer


def test_a_view_that_crashes_on_a_long_value_is_found_and_told_in_short(app: Flask) -> None:
    def view() -> str:
        if len(request.form.get("word", "")) > 5000:
            raise ValueError("too long for me")
        return "ok"

    report = plant(app, view).run(400)
    ((where, told),) = report.crashes.items()
    assert "too long for me" in where and "test_fuzz.py" in where
    assert "anonymous: POST /planted" in told and "'word'" in told and "other" not in told


def test_a_page_that_trusts_a_word_is_found(app: Flask) -> None:
    page = "<!doctype html><p>{{ word|safe }}</p>"
    report = plant(app, lambda: render_template_string(page, word=request.form.get("word", ""))).run(150)
    assert report.live and not report.crashes


def test_a_page_that_escapes_is_not_accused(app: Flask) -> None:
    page = '<!doctype html><p title="{{ word }}">{{ word }}</p>'
    report = plant(app, lambda: render_template_string(page, word=request.form.get("word", ""))).run(150)
    assert not report.live and not report.crashes


@pytest.mark.parametrize(
    ("page", "live"),
    [
        (f"<p>&lt;{MARK}&gt;</p>", 0),
        (f"<p><{MARK}></p>", 1),
        ("<p title=x onfuzz=1>", 1),
        (f'<a href="javascript:{MARK}">', 1),
        (f"<script>{MARK}</script>", 1),
        (f"<textarea>{MARK} onfuzz=1</textarea>", 0),
    ],
)
def test_markup_is_live_when_it_became_a_tag(page: str, live: int) -> None:
    assert len(live_markup(page)) == live


def test_a_form_is_read_as_a_browser_sends_it() -> None:
    page = """<form id=f method=post><input name=a value=1><input type=checkbox name=b value=x>
    <select name=c><option value=1><option value=2 selected></select><textarea name=d>ô</textarea>
    <input type=file name=e><button name=go value=now formaction="/there">x</button></form>
    <input form=f name=g value=7>"""
    (form,) = PageReader("/here", page).forms
    assert (form.action, form.method) == ("/here", "POST")
    assert form.fields == {"a": ["1"], "b": [], "c": ["2"], "d": ["ô"], "g": ["7"]}
    assert (form.files, form.buttons) == ({"e"}, [("go", "now", "/there")])
    assert form.choices == {"b": ["x"], "c": ["1", "2"]}


def test_a_live_formula_is_told_from_a_text(tmp_path: Path) -> None:
    for name, write in (("text", "write_string"), ("live", "write_formula")):
        with Workbook(tmp_path / name) as book:
            getattr(book.add_worksheet(), write)(0, 0, f"={MARK}()")
    assert not live_formulas((tmp_path / "text").read_bytes())
    assert holds_typed_formulas((tmp_path / "text").read_bytes())
    assert live_formulas((tmp_path / "live").read_bytes())


def test_the_same_seed_asks_the_same(app: Flask) -> None:
    runs = [plant(app, lambda: "ok") if not number else Fuzzer(app, [NOBODY], seed=3) for number in range(2)]
    runs[1].starts = ["/planted"]
    first, second = (fuzzer.run(60) for fuzzer in runs)
    assert first.statuses == second.statuses and first.classes == second.classes


def test_no_form_crashes_and_nothing_stored_comes_to_life(app: Flask) -> None:
    app.config["TESTING"] = False
    with app.app_context(), unit_of_work():
        make_small_town()
    fuzzer = Fuzzer(app, list(take_seats(app)), seed=1, most_pages=30)
    report = fuzzer.run(220)
    faults = look_afterwards(fuzzer, same_kind=1, most_pages=40)
    assert not report.crashes and not report.live and not faults, "\n".join([*report.lines(), *faults])
    assert set(CLASSES) <= set(report.classes)
    assert len(report.rules) >= 25, sorted(report.rules)
