"""An app whose e-mail goes to a real server of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from survey_app.app import create_app
from survey_app.core import db as core_db
from tests.conftest import make_settings
from tests.factories.mail import MailServer, mail_server


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes letters."""
    with mail_server() as found:
        yield found


@pytest.fixture
def posting(tmp_path: Path, new_database: Any, server: MailServer) -> Iterator[Flask]:
    """An app on a fresh database that sends to `server`."""
    new_database(tmp_path)
    app = create_app(make_settings(tmp_path, **server.settings, BASE_URL="https://truong.example.vn"))
    app.config["TRUSTED_HOSTS"] = ["localhost", "truong.example.vn"]
    yield app
    with app.app_context():
        core_db.db.engine.dispose()
