"""Pages without a network: the service worker, what it keeps, and the page for what it does not have.

The worker acts on the filling pages alone (`SCOPE`). It keeps static files and pages that hold no answer, no
name and no token; what people type lives in the browser's own database (`outbox.js`, `kept_pages.js`).
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.core.access import public

SCOPE = "/assessments/"
# Files that a page names itself come with the digest of their content, those that a script imports without.
NAMED = (
    "icons/mark.svg",
    *(f"css/{name}.css" for name in ("base", "forms", "parts", "pages")),
    *(f"js/{name}.js" for name in ("page", "autosave", "offline")),
)
IMPORTED = tuple(
    f"js/{name}.js" for name in ("database", "kept_pages", "outbox", "sender", "sign_out", "words")
)
_FONT = re.compile(r'url\("\.\./(fonts/[^"]+)"\)')
# What a page for nobody in particular shows instead of the signed-in person: to be given to its template.
NOBODY: dict[str, Any] = {"actor": None, "nav": [], "tools": {}}

bp = Blueprint("offline", __name__)


def init_offline(app: Flask) -> None:
    """Give the app the worker and the page without a network."""
    app.register_blueprint(bp)


@bp.get("/worker.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker with the addresses it keeps; its text changes with any of the files."""
    static = Path(current_app.static_folder or "")
    known = {"VERSION": version(static), "STATIC": _addresses(static), "NO_NETWORK": url_for(".no_network")}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())
    text = head + (static / "js" / "worker.js").read_text(encoding="utf-8")
    return Response(text, mimetype="text/javascript", headers={"Service-Worker-Allowed": SCOPE})


@bp.get("/offline")
@public
def no_network() -> ResponseReturnValue:
    """What the worker shows for a page it has not kept: the same for everybody."""
    return render_template("offline.html", **NOBODY)


@lru_cache(maxsize=4)
def version(static: Path) -> str:
    """Names the content of every file the worker keeps, and the worker itself."""
    whole = hashlib.sha256()
    for name in (*NAMED, *IMPORTED, *_fonts(static), "js/worker.js"):
        file = static / name.partition("?")[0]
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12]


def _fonts(static: Path) -> list[str]:
    """The fonts as the style sheet names them."""
    return _FONT.findall((static / "css" / "base.css").read_text(encoding="utf-8"))


def _addresses(static: Path) -> list[str]:
    named = [url_for("static", filename=name) for name in NAMED]
    return [*named, *(f"{current_app.static_url_path}/{name}" for name in (*IMPORTED, *_fonts(static)))]
