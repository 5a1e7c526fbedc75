"""One world for the whole folder: made once, never changed (every cell is thrown away)."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from survey_app.app import create_app
from survey_app.core import clock
from survey_app.core import db as core_db
from tests.conftest import make_settings
from tests.databases import drop_database
from tests.walls.doors import Key, note_sessions, sign_everybody_in
from tests.walls.letters import draft_phones, give_phones
from tests.walls.objects import make_objects
from tests.walls.world import NOW, World, make_land


@dataclass(frozen=True)
class Walls:
    """The app, what is in its database, and a key for every actor."""

    app: Flask
    world: World
    keys: dict[str, Key]


@pytest.fixture(scope="package")
def walls(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[Path], None]) -> Iterator[Walls]:
    """The walls with everybody in front of them, at one instant in May."""
    folder, world = tmp_path_factory.mktemp("walls"), World()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: NOW)
        new_database(folder)
        app = create_app(make_settings(folder, MAIL_SERVER="localhost"))
        with app.app_context(), core_db.unit_of_work():
            make_objects(world, make_land(world))
            give_phones(world)
        keys = sign_everybody_in(app, world)
        with app.app_context():
            note_sessions(world)
            draft_phones(world)
        gc.collect()
        gc.freeze()  # the world stays: the collector need not walk it again with every request
        yield Walls(app, world, keys)
        gc.unfreeze()
        with app.app_context():
            core_db.db.engine.dispose()
        drop_database(folder)
