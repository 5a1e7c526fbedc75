"""A backup that is not whole, or a place that is not empty: refused before anything is touched."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from survey_app.core.db import Base
from tests.operations.backups import KEY, Town, files_in, furnish, make_town
from tests.operations.conftest import POSTGRESQL, SQLITE, OpenApp, Places
from tests.operations.everything import content
from tests.operations.trails import tamper


@pytest.fixture
def town(places: Places, open_app: OpenApp, tmp_path: Path) -> Town:
    """A furnished installation on SQLite."""
    town = make_town(places, open_app, tmp_path / "town", SQLITE)
    furnish(town)
    return town


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, places: Places) -> str:
    """A bare database of each kind."""
    return places.bare(request.param)


def tables_in(url: str) -> set[str]:
    database = create_engine(url)
    found = set(inspect(database).get_table_names()) & set(Base.metadata.tables)
    database.dispose()
    return found


def refuse(town: Town, file: Path, target: str, folder: Path, *more: str) -> str:
    """What `restore` says; nothing of ours is in the database and no file in the folder afterwards."""
    arguments = ("--to-database", target, "--to-folder", folder, *more)
    code, said = town.run("backup", "restore", file, *arguments)
    assert code == 1 and tables_in(target) == set(), said
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    return said


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda whole: whole[: len(whole) // 2],
    "last byte gone": lambda whole: whole[:-1],
    "only the beginning": lambda whole: whole[:2000],
    "empty": lambda whole: b"",
    "a byte appended": lambda whole: whole + b"\n",
    "twice": lambda whole: whole * 2,
}


@pytest.mark.parametrize("more", [(), ("--unencrypted",)], ids=["sealed", "open"])
def test_a_changed_backup_is_refused_before_anything_is_touched(
    town: Town, places: Places, tmp_path: Path, more: tuple[str, ...]
) -> None:
    file, target = town.back_up(*more), places.bare(SQLITE)
    whole, changed = file.read_bytes(), tmp_path / "changed.bak"
    cases = dict(CHANGES)
    for place in random.Random(5).sample(range(45, len(whole)), 12):
        cases[f"bit at {place}"] = lambda w, n=place: w[:n] + bytes([w[n] ^ 4]) + w[n + 1 :]
    for name, change in cases.items():
        changed.write_bytes(change(whole))
        assert town.run("backup", "verify", changed)[0] == 1, name
        there = tmp_path / "there"
        arguments = ("--to-database", target, "--to-folder", there)
        code, said = town.run("backup", "restore", changed, *arguments)
        assert code == 1 and "bản sao lưu" in said.lower(), (name, said)
        assert not Path(target.removeprefix("sqlite:///")).exists() and not there.exists(), name


def test_a_wrong_key_is_told_from_a_damaged_file(
    town: Town, places: Places, open_app: OpenApp, tmp_path: Path
) -> None:
    file, target = town.back_up(), places.bare(SQLITE)
    for key, sentence in ((KEY + "!", "không phải là khóa đã dùng"), ("", "được mã hóa")):
        other = Town(open_app(town.url, BACKUP_KEY=key), town.data, town.out, town.url)
        assert sentence in refuse(other, file, target, tmp_path / "there")


def test_a_database_that_holds_something_is_refused(town: Town, tmp_path: Path) -> None:
    file, before = town.back_up(), content(town.url)
    code, said = town.run("backup", "restore", file, "--to-folder", tmp_path / "there")
    assert code == 1 and "Nơi nhận đã có dữ liệu" in said
    assert content(town.url) == before and not (tmp_path / "there" / "files").exists()


def test_a_folder_that_holds_files_is_refused(town: Town, places: Places) -> None:
    file, before, target = town.back_up(), files_in(town.data), places.bare(SQLITE)
    code, said = town.run("backup", "restore", file, "--to-database", target)
    assert code == 1 and "Nơi nhận đã có dữ liệu" in said
    assert files_in(town.data) == before and tables_in(target) == set()


def test_a_broken_trail_is_told_and_restored_only_when_asked(town: Town, target: str, tmp_path: Path) -> None:
    tamper(town.app, "UPDATE audit_event SET actor_name = 'ai khác' WHERE id = 2")
    file, there = town.back_up(), tmp_path / "there"
    assert "sự kiện 2: nội dung đã bị sửa" in refuse(town, file, target, there)
    arguments = ("--to-database", target, "--to-folder", there, "--accept-broken-trail")
    assert town.run("backup", "restore", file, *arguments)[0] == 0


def test_rows_that_point_nowhere_are_not_let_in(town: Town, target: str, tmp_path: Path) -> None:
    database = create_engine(town.url)
    with database.begin() as connection:
        connection.execute(text("UPDATE site SET unit_id = 999 WHERE id = 2"))
    database.dispose()
    refuse(town, town.back_up(), target, tmp_path / "there")


@pytest.mark.postgres
def test_a_value_that_arrives_changed_is_not_let_in(
    places: Places, open_app: OpenApp, tmp_path: Path
) -> None:
    """A bare JSON number with a point: SQLite would keep 5 for 5.0."""
    town = make_town(places, open_app, tmp_path / "other", POSTGRESQL)
    database = create_engine(town.url)
    with database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO job (kind, label, state, done, total, params, created_at, uid) "
                "VALUES ('x', 'x', 'done', 0, 0, '5.0', '2027-05-12', 'x')"
            )
        )
    database.dispose()
    said = refuse(town, town.back_up(), places.bare(SQLITE), tmp_path / "there")
    assert "Bảng job ở nơi nhận khác với nguồn" in said


def test_a_fault_at_the_last_step_takes_everything_back(town: Town, target: str, tmp_path: Path) -> None:
    """The files cannot be put in their place: the rows, already in the transaction, are rolled back."""
    there = tmp_path / "there"
    there.mkdir()
    (there / "audit-heads").symlink_to(tmp_path / "nowhere")
    arguments = ("--to-database", target, "--to-folder", there)
    code, said = town.run("backup", "restore", town.back_up(), *arguments)
    assert code == 1 and "Chưa khôi phục" in said, said
    assert tables_in(target) == set() and files_in(there) == {}


def test_a_backup_of_a_newer_program_is_refused(town: Town, places: Places, tmp_path: Path) -> None:
    database = create_engine(town.url)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    code, said = town.run("backup", "create", "--to", town.out)
    assert code == 1 and "(9999) không khớp với chương trình" in said
