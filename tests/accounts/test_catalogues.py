"""The libraries speak Vietnamese: each sentence they may say here has one, and the .mo files are current."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import wtforms
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_security import core as library
from flask_security import utils, views
from wtforms import IntegerField

from survey_app.accounts import setup
from survey_app.core import messages
from survey_app.core.forms import Form

ROOMS = Path(setup.__file__).parents[1]
LIBRARY = setup.TRANSLATIONS / "vi" / "LC_MESSAGES" / "flask_security.po"
FIELDS = messages.FOLDER / "vi" / "LC_MESSAGES" / "wtforms.po"
# Validators that no form here uses; their class names are looked for in the source below.
NOT_USED = {
    "IPAddress": "Invalid IP address.",
    "MacAddress": "Invalid Mac address.",
    "UUID": "Invalid UUID.",
    "ReadOnly": "This field cannot be edited.",
    "Disabled": "This field is disabled and cannot have a value.",
    "WeekField": "Not a valid week value.",
}
FAULTS_OF_THE_PROGRAM = {"Invalid field name '%s'.", "Choices cannot be None."}


def sentences(catalogue: Catalog) -> dict[str, str]:
    """Translations by their source, in the singular."""
    return {first(message.id): first(message.string) for message in catalogue if message.id}


def first(words: Any) -> str:
    return words if isinstance(words, str) else str(words[0])


def read(file: Path) -> dict[str, str]:
    with file.open("rb") as stream:
        return sentences(read_po(stream))


@pytest.mark.parametrize("file", [LIBRARY, FIELDS], ids=lambda file: file.stem)
def test_the_compiled_catalogue_is_the_one_people_edit(file: Path) -> None:
    with file.with_suffix(".mo").open("rb") as stream:
        assert sentences(read_mo(stream)) == read(file)


@pytest.mark.parametrize("file", [LIBRARY, FIELDS], ids=lambda file: file.stem)
def test_every_translation_keeps_its_places(file: Path) -> None:
    places = re.compile(r"%\(\w+\)[sd]")
    for source, target in read(file).items():
        assert target and set(places.findall(source)) == set(places.findall(target)), source


def test_every_sentence_of_wtforms_that_can_appear_is_translated() -> None:
    said = set(read(Path(wtforms.__file__).parent / "locale" / "wtforms.pot"))
    assert said == set(read(FIELDS)) | set(NOT_USED.values()) | FAULTS_OF_THE_PROGRAM


def test_the_validators_left_out_are_used_nowhere() -> None:
    source = "".join(file.read_text("utf-8") for file in ROOMS.rglob("*.py"))
    imported = " ".join(re.findall(r"from wtforms[\w.]* import ([^\n]+)", source))
    assert not [name for name in NOT_USED if re.search(rf"\b{name}\b", imported)]


def test_every_sentence_of_the_two_sign_in_views_is_translated() -> None:
    parts = (views.login, views.logout, utils._handle_already_auth)
    source = "".join(inspect.getsource(part) for part in parts)
    named = set(re.findall(r'(?:get_message\(|replace_msg=)"(\w+)"', source))
    assert {library._default_messages[name][0] for name in named} == set(read(LIBRARY))


def test_a_field_error_is_in_the_language_of_the_page(app: Flask) -> None:
    class Number(Form):
        count = IntegerField("Số")

    for language, sentence in (("vi", "Hãy nhập một số nguyên."), ("en", "Not a valid integer value.")):
        with app.test_request_context(method="POST", data={"count": "x"}) as context:
            context.session["lang"] = language
            form = Number(meta={"csrf": False})
            assert not form.validate() and form.count.errors == [sentence]
