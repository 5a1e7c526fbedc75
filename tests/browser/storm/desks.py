"""A site with schools that have half filled in the real set, whose logins and forms a browser can use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import Engine

from survey_app.core.db import unit_of_work
from tests.bench.site import Desk, stock
from tests.faults.ground import Ground, empty
from tests.faults.scenario import SQLITE


@dataclass(frozen=True)
class Stocked:
    """A ground, an app of this process on it, and the desks of its schools."""

    ground: Ground
    app: Flask
    engine: Engine
    desks: tuple[Desk, ...]


@contextmanager
def stocked(schools: int) -> Iterator[Stocked]:
    """`schools` schools on a fresh SQLite file."""
    with empty(SQLITE) as site:
        with site.app.app_context(), unit_of_work():
            desks = tuple(stock(schools))
        yield Stocked(site.ground, site.app, site.engine, desks)
