"""Every word a page says has English beside it; none stands outside the catalogue."""

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
ROOMS = ROOT / "survey_app"
ENGLISH = ROOMS / "translations" / "en" / "LC_MESSAGES" / "messages.po"
VIETNAMESE = re.compile(
    r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE
)
PLACES = re.compile(r"%\(\w+\)[sd]")
# Papers are in Vietnamese by law or custom; the look-up page says each line in both languages at once.
PAPERS = {
    "assessments/paper_form.html",
    "assessments/paper_receipt.html",
    "home/guide_paper.html",
    "invitations/letters.html",
    "documents/letterhead.html",
    "demo/minutes.html",
    "certificates/look_up.html",
    "results/report.html",
}
OWN_NAME = {"layout.html": {"Tiếng Việt"}}


def words(message: Any) -> list[str]:
    """A message's forms: one, or singular and plural."""
    return [message] if isinstance(message, str) else list(message)


def read(file: Path) -> dict[str, list[str]]:
    with file.open("rb") as stream:
        catalogue: Catalog = (read_mo if file.suffix == ".mo" else read_po)(stream)
    return {words(message.id)[0]: words(message.string) for message in catalogue if message.id}


def said() -> set[str]:
    """Each sentence the program hands to the catalogue, as `make words` collects them."""
    with (ROOMS / "translations" / "babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)
    keywords = {
        **dict.fromkeys(("_", "N_", "_l", "gettext", "lazy_gettext")),
        "ngettext": (1, 2),
        "lazy_ngettext": (1, 2),
    }
    found = extract_from_dir(str(ROOMS), methods, options, keywords)
    return {words(message)[0] for _, _, message, _, _ in found}


def spoken_outside(text: str) -> list[str]:
    """Vietnamese of a template that stands outside `_()` and `{% trans %}`."""
    found, translated, before = [], False, ""
    for _, kind, value in jinja2.Environment(extensions=["jinja2.ext.i18n"]).lex(text):
        if kind == "name" and before == "block_begin" and value in ("trans", "endtrans"):
            translated = value == "trans"
        if kind == "data" and not translated and VIETNAMESE.search(value):
            found += [run.strip() for run in re.findall(r"[^<>]+", value) if VIETNAMESE.search(run)]
        before = before if kind == "whitespace" else kind
    return found


def test_every_sentence_has_english_and_none_is_left_over() -> None:
    english, spoken = read(ENGLISH), said()
    assert sorted(spoken - set(english)) == [], "make words, then write the English"
    assert sorted(set(english) - spoken) == [], "make words removes them"
    assert [source for source, forms in english.items() if not all(forms)] == []


def test_english_keeps_the_places_of_each_sentence() -> None:
    for source, forms in read(ENGLISH).items():
        for form in forms:
            assert set(PLACES.findall(form)) == set(PLACES.findall(source)), source


def test_the_compiled_catalogue_is_the_one_people_edit() -> None:
    assert read(ENGLISH.with_suffix(".mo")) == read(ENGLISH), "make words"


def name_of(file: Path) -> str:
    """A template's name, as Jinja knows it."""
    return str(file.relative_to(next(parent for parent in file.parents if parent.name == "templates")))


PAGES = {name_of(file): file for file in sorted(ROOMS.glob("**/templates/**/*.html"))}


@pytest.mark.parametrize("name", sorted(set(PAGES) - PAPERS))
def test_a_template_says_nothing_outside_the_catalogue(name: str) -> None:
    file = PAGES[name]
    assert [run for run in spoken_outside(file.read_text("utf-8")) if run not in OWN_NAME.get(name, ())] == []


def test_the_check_of_templates_sees_a_planted_sentence() -> None:
    assert spoken_outside("<p>{{ _('Đã lưu') }} {% trans %}Đã nộp{% endtrans %}</p>") == []
    assert spoken_outside("<p>{{ _('Đã lưu') }} Đã nộp</p>") == ["Đã nộp"]
