"""`flask backup`: what is taken comes back, on either database, and nothing that was changed is accepted."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from survey_app.accounts.models import UserSession
from survey_app.core.audit import AuditEvent
from survey_app.core.db import Base, session
from survey_app.operations import archive, queries
from survey_app.operations.models import BackupRun
from tests.operations.backups import Town, files_in, furnish, make_town
from tests.operations.conftest import POSTGRESQL, SQLITE, OpenApp, Places
from tests.operations.everything import content, fill_every_table

POSTGRES_MARK = pytest.mark.postgres
WAYS = [
    pytest.param(SQLITE, SQLITE, id="sqlite to sqlite"),
    pytest.param(SQLITE, POSTGRESQL, id="sqlite to postgresql", marks=POSTGRES_MARK),
    pytest.param(POSTGRESQL, SQLITE, id="postgresql to sqlite", marks=POSTGRES_MARK),
    pytest.param(POSTGRESQL, POSTGRESQL, id="postgresql to postgresql", marks=POSTGRES_MARK),
]
# What the moment of the restore makes of it: sessions end, exports are drawn anew, one event more.
SETTLED = {"user_session", "export_file", "audit_event"}


@pytest.fixture
def town(places: Places, open_app: OpenApp, tmp_path: Path, kind: str) -> Town:
    """A furnished installation on each database."""
    town = make_town(places, open_app, tmp_path / "town", kind)
    furnish(town)
    return town


@pytest.mark.parametrize(("start", "end"), WAYS)
def test_a_furnished_installation_comes_back_whole(
    places: Places, open_app: OpenApp, tmp_path: Path, start: str, end: str
) -> None:
    town = make_town(places, open_app, tmp_path / "town", start)
    furnish(town)
    file, before = town.back_up(), content(town.url)
    del before["backup_run"]  # the run itself ends after its own backup
    target, folder = places.bare(end), tmp_path / "there"
    code, said = town.run("backup", "restore", file, "--to-database", target, "--to-folder", folder)
    assert code == 0 and "Đã khôi phục" in said, said
    after = content(target)
    assert {t for t, told in before.items() if after[t] != told} == {"audit_event"}
    assert files_in(folder) == files_in(town.data) and len(files_in(folder)) == 6
    there = open_app(target, DATA_DIR=folder)
    done = there.test_cli_runner().invoke(args=["audit", "verify"])
    assert done.exit_code == 0 and "đối chiếu 1 mã đã công bố: không có lỗi" in done.output
    with there.app_context():
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert last is not None and last.action == "backup.restore"


@pytest.mark.parametrize(("start", "end"), WAYS)
def test_every_table_comes_back_row_for_row(
    places: Places,
    open_app: OpenApp,
    tmp_path: Path,
    start: str,
    end: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "PART", 300)  # so that rows point into later parts of their own table
    town = make_town(places, open_app, tmp_path / "town", start)
    counted = fill_every_table(town.app)
    before = content(town.url)
    file, target = town.back_up("--unencrypted"), places.bare(end)
    arguments = ("--to-database", target, "--to-folder", tmp_path / "there")
    code, said = town.run("backup", "restore", file, *arguments)
    assert code == 1 and "lỗi niêm phong" in said and "--accept-broken-trail" in said  # made-up seals
    code, said = town.run("backup", "restore", file, *arguments, "--accept-broken-trail")
    assert code == 0, said
    after = content(target)
    assert set(after) == set(Base.metadata.tables)
    assert {t for t, told in before.items() if after[t] != told} == SETTLED | {"backup_run"}
    assert after["audit_event"][0] == counted["audit_event"] + 1
    with open_app(target).app_context():
        assert session.scalars(select(UserSession).where(UserSession.ended_at.is_(None))).all() == []


def test_a_backup_is_sealed_and_only_its_owner_may_read_it(town: Town) -> None:
    file = town.back_up()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"audit_event" not in file.read_bytes() and file.name.startswith("sao-luu-")
    code, said = town.run("backup", "verify", file)
    assert code == 0 and "Bản sao lưu nguyên vẹn." in said and "; 5 tệp," in said
    assert not list(town.data.glob(".backup-*")) and len(list(town.out.iterdir())) == 1


def test_the_run_is_noted_for_the_administrator(town: Town) -> None:
    file = town.back_up()
    with town.app.app_context():
        run = queries.last_backup()
        assert run is not None and run.finished_at is not None
        assert (run.ok, run.made_by, run.file_name, run.encrypted) == (True, "hand", file.name, True)
        assert run.bytes == file.stat().st_size and run.missing == 0
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None and event.action == "backup.make" and event.new["sha256"] == run.sha256


def test_without_a_key_it_must_be_asked_for_in_so_many_words(
    places: Places, open_app: OpenApp, tmp_path: Path
) -> None:
    town = make_town(places, open_app, tmp_path / "town", SQLITE, BACKUP_KEY="")
    code, said = town.run("backup", "create", "--to", town.out)
    assert code == 1 and "--unencrypted" in said and not town.out.exists()
    file = town.back_up("--unencrypted")
    assert town.run("backup", "verify", file)[0] == 0
    assert town.run("backup", "create")[1].strip().endswith("bằng --to hoặc đặt BACKUP_DIR.")


def test_a_backup_that_fails_leaves_no_file_and_says_so(town: Town) -> None:
    town.out.write_text("a file where the folder should be", encoding="ascii")
    code, said = town.run("backup", "create", "--to", town.out / "below")
    assert code == 1 and "Chưa sao lưu được" in said
    with town.app.app_context():
        run = session.scalars(select(BackupRun)).one()
        assert run.ok is False and "NotADirectoryError" in run.error
        assert queries.last_backup() is None


def test_a_fault_in_the_middle_leaves_no_half_file(town: Town) -> None:
    database = create_engine(town.url)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE forgotten (id INTEGER)")
    database.dispose()
    code, said = town.run("backup", "create", "--to", town.out)
    assert code == 1 and "không biết: forgotten" in said
    assert list(town.out.iterdir()) == [] and not list(town.data.glob(".backup-*"))


def test_files_that_rows_name_in_vain_are_told(town: Town) -> None:
    gone, bad = sorted((town.data / "files" / "evidence").rglob("*/*"))[:2]
    gone.unlink()
    bad.write_bytes(b"something else")
    code, said = town.run("backup", "create", "--to", town.out)
    assert code == 0 and "LƯU Ý: 2 tệp bị thiếu hoặc hỏng" in said
    with town.app.app_context():
        run = queries.last_backup()
        assert run is not None and run.missing == 2
