"""What a copy of the program does: gunicorn loads `app` from here; `work` runs a job worker."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from survey_app.app import create_app
from survey_app.core import db as core_db
from survey_app.serve import web_command
from tests.conftest import make_settings
from tests.faults import guards
from tests.faults.disks import bound_pages
from tests.faults.ground import Ground


def preload() -> None:
    """Load everything a copy needs: making one app imports every room."""
    import dbos  # noqa: F401
    import gunicorn.app.wsgiapp  # noqa: F401
    import gunicorn.workers.gthread  # noqa: F401
    import weasyprint  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        create_app(make_settings(Path(folder)))


def the_app() -> Any:
    """The program on the ground that the environment names."""
    env = os.environ
    ground = Ground.of(env)
    app = ground.app()
    if pages := env.get("FAULTS_PAGES"):
        with app.app_context():
            bound_pages(core_db.db.engine, Path(pages))
    guards.switch_off(app, [name for name in env["FAULTS_WITHOUT"].split(",") if name])
    return app


def web(port: str) -> None:
    """Gunicorn with the options of `make run`."""
    from gunicorn.app.wsgiapp import run

    options = web_command("127.0.0.1", int(port), processes=1, grace=2)[4:]
    sys.argv = ["gunicorn", "tests.faults.served:app", *options]
    run(prog="gunicorn")


def work(name: str) -> None:
    """A job worker that beats faster than usual and issues in smaller parts, so that a short run sees it."""
    from survey_app.certificates import service
    from survey_app.jobs import worker

    worker.BEAT_SECONDS = 0.5
    app = the_app()
    service.PART = int(os.environ["FAULTS_PART"])
    worker.work(app, name)


ROLES: dict[str, Callable[..., None]] = {"web": web, "work": work}


def __getattr__(name: str) -> Any:
    """`app`, made when gunicorn's own process asks for it."""
    if name == "app":
        return the_app()
    raise AttributeError(name)
