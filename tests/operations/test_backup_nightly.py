"""The nightly backup: into the folder of the setting, encrypted, the newest ones kept."""

from pathlib import Path

import pytest

from survey_app.config import DEFAULTS, BadSetting, load_settings
from survey_app.core.db import Base, session
from survey_app.jobs.timetable import TIMETABLE
from survey_app.operations import backing, queries
from survey_app.operations.stores import NAMED_BY, NOT_NAMES
from tests.operations.backups import KEY, Town, furnish, make_town
from tests.operations.conftest import SQLITE, OpenApp, Places


def nightly(town: Town) -> None:
    with town.app.app_context():
        TIMETABLE["backup.create"].act()
        session.remove()


@pytest.fixture
def town(places: Places, open_app: OpenApp, tmp_path: Path) -> Town:
    """An installation whose backups go to a folder; the newest two are kept."""
    out = tmp_path / "town" / "out"
    town = make_town(places, open_app, tmp_path / "town", SQLITE, BACKUP_DIR=out, BACKUP_KEEP=2)
    furnish(town)
    return town


def test_the_newest_are_kept_and_other_files_left_alone(town: Town) -> None:
    town.out.mkdir()
    for name in ("sao-luu-20200101T000000Z-0000.bak", "sao-luu-20210101T000000Z-0000.bak", "notes.txt"):
        (town.out / name).write_text("x", encoding="ascii")
    nightly(town)
    names = sorted(path.name for path in town.out.iterdir())
    assert names[0] == "notes.txt" and names[1] == "sao-luu-20210101T000000Z-0000.bak" and len(names) == 3
    assert town.run("backup", "verify", town.out / names[2])[0] == 0
    with town.app.app_context():
        run = queries.last_backup()
        assert run is not None and (run.made_by, run.encrypted, run.file_name) == ("job", True, names[2])


def test_without_a_folder_nothing_is_backed_up(places: Places, open_app: OpenApp, tmp_path: Path) -> None:
    town = make_town(places, open_app, tmp_path / "town", SQLITE)
    nightly(town)
    with town.app.app_context():
        assert queries.last_backup() is None
    assert TIMETABLE["backup.create"].hour == 2


def test_the_settings_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    start = {"DATA_DIR": str(tmp_path), "BACKUP_DIR": str(tmp_path / "b")}
    settings = load_settings({**start, "BACKUP_KEY": KEY})
    assert (settings["BACKUP_DIR"], settings["BACKUP_KEEP"]) == (tmp_path / "b", DEFAULTS["BACKUP_KEEP"])
    for wrong in (
        start,
        {**start, "BACKUP_KEY": "quá ngắn"},
        {**start, "BACKUP_KEY": KEY, "BACKUP_KEEP": "0"},
    ):
        with pytest.raises(BadSetting, match="BACKUP"):
            load_settings(wrong)
    assert load_settings({"DATA_DIR": str(tmp_path)})["BACKUP_DIR"] is None


def test_every_digest_of_the_models_names_a_file_or_is_known_not_to() -> None:
    named = {(naming.table, column) for naming in NAMED_BY for column in naming.columns}
    digests = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "sha256" in column.name
    }
    assert digests <= named | NOT_NAMES and not named & NOT_NAMES
    for table, column in named | NOT_NAMES:
        assert column in Base.metadata.tables[table].columns


def test_the_program_says_its_own_version() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{backing.PROGRAM}"' in project
