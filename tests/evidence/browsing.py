"""What tests over HTTP do again and again."""

import io
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.core.access import Actor
from survey_app.core.db import session, unit_of_work
from survey_app.evidence.models import EvidenceFile
from survey_app.evidence.store import evidence_store
from tests.factories.evidence import make_photo

JSON = {"Accept": "application/json"}
ADDRESSES = ("", "/p/1", "/thumb", "/download")


def keep(app: Flask, make: Callable[..., EvidenceFile], actor: Actor, **values: Any) -> tuple[str, int]:
    """A committed file; (uid, id)."""
    with app.app_context(), unit_of_work():
        file = make(actor, **values)
        return file.uid, file.id


def upload(
    client: FlaskClient, content: bytes = b"", name: str = "IMG_1.jpg", headers: Any = None, **fields: str
) -> Any:
    form: dict[str, Any] = {"title": "Bình chữa cháy", "no_personal": "y"} | fields
    if name:
        form["file"] = (io.BytesIO(content or make_photo()), name)
    return client.post("/evidence/new", data=form, headers=headers)


def rows(app: Flask) -> int:
    with app.app_context():
        return session.scalar(select(func.count()).select_from(EvidenceFile)) or 0


def stored_names(app: Flask) -> set[str]:
    with app.app_context():
        root = evidence_store().root
        return {path.name for path in root.rglob("*") if path.is_file()}


def text_of(answer: Any, status: int = 200) -> str:
    text: str = answer.get_data(as_text=True)
    assert answer.status_code == status, text
    return text
