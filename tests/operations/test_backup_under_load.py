"""A backup while people save: what was acknowledged before it began is in it, and what is in it is whole."""

import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from survey_app.core.db import unit_of_work
from survey_app.organisations.models import UnitAlias
from tests.factories.organisations import make_school
from tests.operations.backups import make_town
from tests.operations.conftest import OpenApp, Places

WRITERS = 4


def test_every_save_acknowledged_before_the_backup_began_is_in_it(
    places: Places, open_app: OpenApp, tmp_path: Path, kind: str
) -> None:
    town = make_town(places, open_app, tmp_path / "town", kind)
    with town.app.app_context(), unit_of_work():
        unit_id = make_school().id
    acknowledged: list[str] = []
    stopped = threading.Event()

    def write(number: int) -> None:
        count = 0
        while not stopped.is_set():
            code = f"{number}-{count:05}"
            with town.app.app_context(), unit_of_work() as session:
                pair = [
                    UnitAlias(unit_id=unit_id, code=f"{code}{half}", name="x", source="x") for half in "ab"
                ]
                session.add_all(pair)  # one save is two rows: never one of them
            acknowledged.append(code)
            count += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        while len(acknowledged) < 40:
            time.sleep(0.01)
        before = set(acknowledged)
        file = town.back_up("--unencrypted")
        during = len(acknowledged) - len(before)
    finally:
        stopped.set()
        for thread in threads:
            thread.join(30)
    rows = restored(town, places.bare("sqlite"), file, tmp_path / "there")
    saved = {row[:-1] for row in rows if row[:-1] in {r[:-1] for r in rows}}
    print(f"{kind}: {len(before)} saves before, {during} while it ran, {len(saved)} in the backup")
    assert before <= saved and during > 0
    assert all({f"{save}a", f"{save}b"} <= rows for save in saved)


def restored(town: Any, target: str, file: Any, folder: Path) -> set[str]:
    """The codes of the aliases in an installation restored from the file."""
    code, said = town.run("backup", "restore", file, "--to-database", target, "--to-folder", folder)
    assert code == 0, said
    database = create_engine(target)
    with database.connect() as connection:
        rows = set(connection.scalars(text("SELECT code FROM unit_alias")))
    database.dispose()
    return rows
