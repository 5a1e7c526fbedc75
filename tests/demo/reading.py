"""Reading everything a person can reach by links, and a digest of all that is stored."""

import hashlib
import re
from collections import Counter, deque
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from survey_app.core import db as core_db
from survey_app.core.db import Base

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
MOST = 60
# What a GET may add to: acts that were refused, and how often something was tried.
ASIDE = {"audit_event", "throttle"}


def sign_in(app: Flask, login: str, password: str) -> FlaskClient:
    """A browser of this person."""
    client = app.test_client()
    token = TOKEN.search(client.get("/account/login").get_data(as_text=True))
    assert token
    form = {"csrf_token": token.group(1), "login": login, "password": password}
    assert client.post("/account/login", data=form).status_code == 302
    return client


def read_all(client: FlaskClient) -> Counter[str]:
    """Follow every link from the first page, one of each kind of address; how many of each."""
    seen: Counter[str] = Counter()
    queue, known = deque(["/"]), {"/"}
    while queue and seen.total() < MOST:
        address = queue.popleft()
        kind = re.sub(r"[0-9a-f]{32}|\b[A-Z]{2}\d[\d.]*|\d+", "x", address.replace("&amp;", "&"))
        kind = re.sub(r"=[^&]*", "", kind)
        if seen[kind]:
            continue
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code < 400, (address, answer.status_code)
        seen[kind] += 1
        found = LINK.findall(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else []
        found += [answer.location] if answer.location and answer.location.startswith("/") else []
        for link in found:
            if link not in known and not link.startswith(("/static/", "/language/")):
                known.add(link)
                queue.append(link)
    return seen


def digest_of(app: Flask) -> dict[str, str]:
    """A digest of every table of ours and of the stored files."""
    found = {}
    with app.app_context(), core_db.db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in ASIDE:
                rows = connection.execute(text(f"SELECT * FROM {table.name}")).all()
                found[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    files = sorted(path for path in (Path(app.config["DATA_DIR"]) / "files").rglob("*") if path.is_file())
    named = repr([(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files])
    return found | {"files": hashlib.sha256(named.encode()).hexdigest()}
