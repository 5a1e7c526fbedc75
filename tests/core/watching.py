"""What tests of the log and of reports share: an app as in production, and texts that must never leave it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, request

from survey_app.app import create_app
from survey_app.core.access import public
from tests.conftest import make_settings

# What a person may have typed or hold: none of it may be found in a log or a report.
PRIVATE = {
    "name": "Nguyễn Thị Bông",
    "plain": "Tran Van Khong Dau",
    "phone": "0912345678",
    "code": "K7QM-9XWD-2HFA",
    "token": "tok_5f1d0a9b8c7e6d5f",
    "note": "Bếp ăn ẩm mốc",
}


def serious_app(folder: Path, **more: Any) -> Flask:
    """An app that logs and answers failures as in production; forms need no token."""
    said = {"ENV": "production", "LOG_FORMAT": "json", "LOG_LEVEL": "info", "TESTING": False}
    return create_app(make_settings(folder, **{**said, "WTF_CSRF_ENABLED": False, **more}))


def add_view(app: Flask, view: Callable[..., Any], rule: str = "/probe/<code>") -> None:
    """A public page of the test's own."""
    app._got_first_request = False
    app.add_url_rule(rule, view.__name__, public(view), methods=["GET", "POST"])


def crash(code: str) -> str:
    """Fail with everything private in sight: in the words, the variables and the causes of the exception."""
    name, phone = request.form["name"], request.form["phone"]
    try:
        int(phone + name)
    except ValueError as error:
        raise LookupError(f"{name} {request.form['plain']} {phone} {code}\nlevel=info forged") from error
    return "no"


def leaks(text: str) -> list[str]:
    """The private texts in `text`, as they are or escaped."""
    parts = {
        key: (value, json.dumps(value)[1:-1], json.dumps(value.split()[-1])[1:-1])
        for key, value in PRIVATE.items()
    }
    return [key for key, forms in parts.items() if any(form in text for form in forms)]
