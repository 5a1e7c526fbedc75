"""Words of plain forms that wait in a browser, and how it learns that they have arrived.

An answer of the filling page saves itself; every other form is sent by its button. Until the server has taken
it, our script (`js/jottings.js`) keeps what was typed in the browser's localStorage, which writes at once: a
network that is gone, a closed tab, an ended session lose no word. One record a form:

    "jotting OWNER PATH N" -> {owner, page, title, at, key, fields, base, aside}

`fields` is what the person has entered, by name and only what differs; `base` what the server's page had
there when they began; `aside` what was kept while the server's text became another, until the person has
chosen. Passwords, one-time codes, files and hidden fields are not in it. Another person's records are left
alone, all go after 30 days; signing out asks first.

On the next visit the words are filled in again, with a line at the top of the form. What was locked meanwhile
stays kept; where the server's text has become another since, both stand at the field and the person chooses.
A page that answers the form itself (`<main data-answer>`) shows what was typed, not what is stored.

The page behind a redirect looks the same whether or not the form was taken. So the form names its record's
key in the field `jotting`, also through signing in again, and the answer of a change that was kept puts the
key into a cookie for the script, which clears both. It says nothing but that and opens nothing.
"""

import re

from flask import Flask, Response, current_app, request

from survey_app.core import db
from survey_app.core.access import current_actor
from survey_app.core.sent import AsTyped

FIELD, COOKIE = "jotting", "taken"
MOST_KEYS = 8  # several tabs may send before one of them reads the cookie
DAY = 24 * 3600
_KEY = re.compile(r"[0-9a-z]{8,40}")


def init_jottings(app: Flask) -> None:
    """Let the answers of forms say what was taken."""
    app.after_request(_name_taken)


def _name_taken(response: Response) -> Response:
    """A redirect alone would prove nothing: who must first choose a workplace is sent there, unheard."""
    if request.method != "POST" or response.status_code >= 400 or db.was_refused() or not current_actor():
        return response
    sent = AsTyped(request.form).getlist(FIELD)
    if sent and _KEY.fullmatch(sent[0]):
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        name = f"__Host-{COOKIE}" if secure else COOKIE
        before = [key for key in request.cookies.get(name, "").split(".") if _KEY.fullmatch(key)]
        value = ".".join([*before, sent[0]][-MOST_KEYS:])
        response.set_cookie(name, value, max_age=DAY, secure=secure, samesite="Lax")
    return response
