"""The one file that knows every room: `create_app()` wires them together."""

import hashlib
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from survey_app.config import DEFAULTS, load_settings
from survey_app.core.db import init_db
from survey_app.core.edge import finish_setup
from survey_app.core.web import init_web

ROOMS = (
    "core",
    "documents",
    "organisations",
    "accounts",
    "jobs",
    "notices",
    "invitations",
    "frameworks",
    "rounds",
    "evidence",
    "assessments",
    "reviews",
    "results",
    "plans",
    "exports",
    "certificates",
    "operations",
    "home",
    "demo",
)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The Flask application with every room wired in.

    `settings` replaces or adds to what the environment says (tests give a database and a data folder).
    Raises `config.BadSetting` for a wrong setting and `UndeclaredRoute` for a route without a policy.
    """
    app = Flask("survey_app", static_folder="core/static", static_url_path="/static", template_folder=None)
    app.config.update(DEFAULTS)
    app.config.update(load_settings() if settings is None or "SECRET_KEY" not in settings else {})
    app.config.update(settings or {})
    init_db(app)
    init_web(app)
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    for room in ROOMS:
        _furnish(app, room)
    app.url_defaults(_static_version)
    finish_setup(app)
    return app


def _furnish(app: Flask, room: str) -> None:
    """Import the room's models, register its pages, commands and jobs, and let it plug itself in."""
    package = f"survey_app.{room}"
    if find_spec(package) is None:
        return
    for floor in ("models", "tasks"):
        if find_spec(f"{package}.{floor}"):
            import_module(f"{package}.{floor}")
    if room != "core" and find_spec(f"{package}.views"):
        app.register_blueprint(import_module(f"{package}.views").bp)
    if find_spec(f"{package}.cli"):
        app.cli.add_command(import_module(f"{package}.cli").cli)
    if find_spec(f"{package}.setup"):
        import_module(f"{package}.setup").init_room(app)


def _static_version(endpoint: str, values: dict[str, Any]) -> None:
    """Name the content in the address of a static file, so that browsers may keep it for a year."""
    if endpoint == "static" and "v" not in values:
        values["v"] = _digest(values.get("filename", ""))


@lru_cache(maxsize=512)
def _digest(filename: str) -> str:
    file = Path(__file__).parent / "core" / "static" / filename
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
