"""Static text over the wire, and the service worker that keeps it."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from survey_app.core.web import CSP

STATIC = Path(__file__).parents[2] / "survey_app" / "core" / "static"
SQUEEZED = {"Accept-Encoding": "gzip, deflate, br"}
IMPORT = re.compile(r'(?:import|from|import\()\s*\(?"\./([a-z_]+)\.js"')


def test_a_style_sheet_is_sent_compressed_and_asked_for_again_in_vain(client: FlaskClient) -> None:
    answer = client.get("/static/css/base.css", headers=SQUEEZED)
    plain = (STATIC / "css" / "base.css").read_bytes()
    assert answer.headers["Content-Encoding"] == "gzip" and gzip.decompress(answer.data) == plain
    assert len(answer.data) < len(plain) / 2 and "Accept-Encoding" in answer.headers["Vary"]
    again = client.get("/static/css/base.css", headers=SQUEEZED | {"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_who_cannot_read_compressed_text_gets_it_plain(client: FlaskClient) -> None:
    answer = client.get("/static/css/base.css", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (STATIC / "css" / "base.css").read_bytes()


@pytest.mark.parametrize("path", ["/account/login", "/static/fonts/be-vietnam-pro-latin-400-normal.woff2"])
def test_pages_and_fonts_are_not_compressed(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=SQUEEZED)
    assert answer.status_code == 200 and "Content-Encoding" not in answer.headers


def kept(client: FlaskClient) -> dict[str, Any]:
    text = client.get("/worker.js").get_data(as_text=True)
    return {name: json.loads(value) for name, value in re.findall(r"^const (\w+) = (.+);$", text, re.M)[:3]}


def test_the_worker_may_act_on_the_filling_pages_alone(client: FlaskClient) -> None:
    answer = client.get("/worker.js")
    assert (
        answer.mimetype == "text/javascript" and answer.headers["Service-Worker-Allowed"] == "/assessments/"
    )
    assert answer.headers["Content-Security-Policy"] == CSP and "worker-src 'self'" in CSP
    assert answer.headers["Cache-Control"] == "no-store"


def test_everything_the_worker_keeps_is_there_and_holds_nobodys_name(client: FlaskClient) -> None:
    for address in (*kept(client)["STATIC"], kept(client)["NO_NETWORK"]):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert b"csrf_token" not in answer.data or address.endswith(".js") or "js/" in address


def test_every_script_that_a_kept_script_imports_is_kept(client: FlaskClient) -> None:
    names = set(re.findall(r"/js/([a-z_]+)\.js", " ".join(kept(client)["STATIC"])))
    assert {"autosave", "offline", "page"} <= names
    for name in names:
        imported = set(IMPORT.findall((STATIC / "js" / f"{name}.js").read_text(encoding="utf-8")))
        # Both only on pages with a person's name, which are not kept.
        assert imported - names <= {"leftovers", "jottings"}, name


def test_another_file_makes_another_worker(tmp_path: Path) -> None:
    import shutil

    from survey_app.core.offline import version

    copy = tmp_path / "static"
    shutil.copytree(STATIC, copy)
    before = version(copy)
    (copy / "js" / "sender.js").write_text("// other\n", encoding="utf-8")
    version.cache_clear()
    assert version(copy) != before and version(STATIC) == before
