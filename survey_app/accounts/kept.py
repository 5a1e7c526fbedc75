"""What was typed when a session ended: carried through signing in, for the same person only.

The page that answers 401 holds the fields and a seal over who typed them, where to and what. After signing
in the page "Nội dung vừa gõ" offers to send them again. A request without a valid CSRF token carries nothing:
another site could otherwise put words into a person's mouth.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask import session as cookie
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms.validators import ValidationError

from survey_app.accounts import queries
from survey_app.accounts.sessions import hash_sid

Fields = list[tuple[str, str]]
SECRETS = ("password", "one_time")  # parts of the names of fields that are never carried


@dataclass(frozen=True)
class Typed:
    """Fields to send again to `path`, typed by `user_id` working under `membership_id`."""

    path: str
    fields: Fields
    user_id: int
    membership_id: int | None

    @property
    def texts(self) -> list[str]:
        """The fields a person would recognise: those with more than one word."""
        return [value for _, value in self.fields if " " in value.strip()]


def carry() -> dict[str, str]:
    """The hidden fields `kept` and `seal` of what this request tried to send; empty when nothing may stay."""
    owner = _owner()
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and not any(part in name for part in SECRETS)
    ]
    if owner is None or not fields or not _came_from_our_page():
        return {}
    text = json.dumps(fields, ensure_ascii=False)
    where = request.full_path.rstrip("?")
    seal = _sealer().dumps({"user": owner[0], "place": owner[1], "path": where, "digest": _digest(text)})
    return {"kept": text, "seal": str(seal)}


def opened(text: str, seal: str, user_id: int) -> Typed | None:
    """What was kept, when the seal is whole, less than a session old and of this very person; else None."""
    try:
        said: Any = _sealer().loads(seal, max_age=current_app.config["SESSION_HOURS"] * 3600)
    except BadData:
        return None
    if said["user"] != user_id or said["digest"] != _digest(text):
        return None
    return Typed(said["path"], [(name, value) for name, value in json.loads(text)], user_id, said["place"])


def _owner() -> tuple[int, int | None] | None:
    sid = cookie.get("sid")
    return queries.owner_of_session(hash_sid(sid)) if isinstance(sid, str) else None


def _came_from_our_page() -> bool:
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="typed text of an ended session")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
