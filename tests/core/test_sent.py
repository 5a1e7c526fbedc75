"""Text as people send it: every field of every form stores NFC and refuses control characters in words."""

import unicodedata
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from wtforms import Field

from survey_app.accounts.forms import FirstPasswordForm
from survey_app.accounts.signing_in import CheckedSignInForm
from survey_app.core.access import public
from survey_app.core.forms import Form, PasswordField
from survey_app.core.vietnamese import BadText

APART = unicodedata.normalize("NFD", "Trường Mầm non Thủy Tiên 8.5")
COMPOSED = unicodedata.normalize("NFC", APART)
NUL, FEED, DELETE, NEXT_LINE = "a\x00b", "a\x1bb", "a\x7fb", "a\x85b"


@pytest.fixture(autouse=True)
def without_tokens(app: Flask) -> None:
    app.config.update(WTF_CSRF_ENABLED=False, TESTING=False)


def every_form(kind: type[Form] = Form) -> Iterator[type[Form]]:
    """Every class of form in the program, as far as it has fields of its own."""
    for child in kind.__subclasses__():
        if child.__module__.startswith("survey_app."):
            yield child
            yield from every_form(child)


def names_of(kind: type[Form], app: Flask) -> list[str]:
    with app.test_request_context():
        return [field.name for field in kind(formdata=None)]


def texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_in(part)


def test_the_walk_meets_the_forms_of_every_room(app: Flask) -> None:
    rooms = {kind.__module__.split(".")[1] for kind in every_form()}
    assert len(rooms) >= 12 and CheckedSignInForm in set(every_form())


def test_every_field_of_every_form_takes_text_in_nfc(app: Flask) -> None:
    apart = []
    for kind in every_form():
        names = names_of(kind, app)
        with app.test_request_context(method="POST", data=dict.fromkeys(names, APART)):
            form = kind()
            for field in form:
                seen = [*texts_in(field.data), *texts_in(field.raw_data), request.form[field.name]]
                apart += [f"{kind.__name__}.{field.name}" for text in seen if text != nfc(text)]
                assert request.form[field.name] == COMPOSED
    assert apart == []


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", [NUL, FEED, DELETE, NEXT_LINE], ids=["nul", "esc", "del", "nel"])
def test_no_field_of_any_form_takes_a_control_character(app: Flask, text: str) -> None:
    taken = []
    for kind in every_form():
        for name in names_of(kind, app):
            with app.test_request_context(method="POST", data={name: text}):
                if not refused(kind, name, text):
                    taken.append(f"{kind.__name__}.{name}")
    assert taken == []


def refused(kind: type[Form], name: str, text: str) -> bool:
    """True when the form is not even built, or the field says what is wrong, or took a blank for a blank."""
    try:
        form = kind()
    except BadText:
        return True
    field: Field = next(field for field in form if field.name == name)
    if isinstance(field, PasswordField):  # compared, never stored
        return True
    kept = "".join(texts_in(field.data))
    return kept.isprintable() and (not field.validate(form) or len(text.split()) == 2)


def test_what_no_form_reads_is_refused_in_words(app: Flask, client: FlaskClient) -> None:
    readings = (lambda: request.form["x"], lambda: request.form.get("x"), lambda: request.form.getlist("x"))
    for number, read in enumerate((*readings, lambda: request.values.get("x"))):
        view = public(lambda read=read: str(read()))
        app._got_first_request = False
        app.add_url_rule(f"/probe{number}", f"probe{number}", view, methods=["POST"])
        answer = client.post(f"/probe{number}", data={"x": NUL})
        assert answer.status_code == 422 and "ký tự không hợp lệ" in answer.text
        assert COMPOSED in client.post(f"/probe{number}", data={"x": APART}).text


def test_a_search_in_another_form_of_unicode_is_read_in_nfc(app: Flask) -> None:
    with app.test_request_context(query_string={"q": APART}):
        assert request.args["q"] == request.values["q"] == COMPOSED


def test_a_control_character_in_a_new_password_is_said_beside_it(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"password": "mat khau\x00dai that"}):
        form = FirstPasswordForm()
        assert not form.validate()
        assert "ký tự không hợp lệ" in form.password.errors[0]


def test_a_multipart_form_is_read_the_same(app: Flask) -> None:
    body = {"x": APART, "bad": NUL, "file": (BytesIO(b"\x00"), "a.png")}
    with app.test_request_context(method="POST", data=body, content_type="multipart/form-data"):
        assert request.form["x"] == COMPOSED and request.files["file"].read() == b"\x00"
        with pytest.raises(BadText):
            request.form["bad"]
