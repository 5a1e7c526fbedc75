"""Backups for tests: an installation with rows, files and a sealed trail, and a place to bring it back to."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Flask

from survey_app.core import clock
from survey_app.core.db import session, unit_of_work
from survey_app.core.files import FileStore
from survey_app.evidence.models import EvidenceFile
from survey_app.operations.heads import heads_file
from tests.factories.accounts import make_user
from tests.factories.organisations import make_school
from tests.operations.conftest import OpenApp, Places
from tests.operations.trails import record, seal

KEY = "Ngôi trường bên sông Hậu"


@dataclass
class Town:
    """An installation on one database, in a folder of its own."""

    app: Flask
    data: Path
    out: Path
    url: str
    paths: list[Path] = field(default_factory=list)

    def run(self, *arguments: object) -> tuple[int, str]:
        """`flask …`: exit status and what it said."""
        done = self.app.test_cli_runner().invoke(args=[str(one) for one in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    def back_up(self, *more: str) -> Path:
        """Make a backup; returns the file."""
        before = set(self.out.glob("*"))
        code, said = self.run("backup", "create", "--to", self.out, *more)
        assert code == 0, said
        (file,) = set(self.out.glob("*")) - before
        return file


def make_town(places: Places, open_app: OpenApp, folder: Path, kind: str, **settings: object) -> Town:
    """An app on a fresh database of this kind, with a data folder below `folder`."""
    data, url = folder / "data", places.laid(kind)
    settings = {"DATA_DIR": data, "BACKUP_KEY": KEY, **settings}
    return Town(open_app(url, **settings), data, folder / "out", url)


def furnish(town: Town) -> None:
    """A school with evidence and its files, a certificate's paper, an export, a sealed trail, a told head."""
    store = FileStore(town.data / "files")
    evidence = FileStore(town.data / "files" / "evidence")
    FileStore(town.data / "files" / "exports").write(b"drawn again when asked for")
    store.write(b"%PDF a certificate" * 50_000)
    digests = [evidence.write(f"photo {number}".encode() * 40_000)[0] for number in range(4)]
    at = clock.now() - timedelta(minutes=5)
    with town.app.app_context():
        with unit_of_work():
            school, person = make_school(sites=2), make_user()
            session.add(
                EvidenceFile(
                    unit_id=school.id,
                    kind="pdf",
                    title="Biên bản",
                    sha256=digests[0],
                    thumb=digests[1],
                    pages=digests[2:],
                    school_year="2026-2027",
                    added_by_id=person.id,
                    added_at=at,
                )
            )
            record(at, 5)
        seal(at + timedelta(minutes=1))
    file = heads_file(town.data)
    file.parent.mkdir(parents=True)
    file.write_text(town.run("audit", "head")[1], encoding="ascii")


def files_in(data: Path) -> dict[str, bytes]:
    """{place: content} of everything stored below a data folder, exports and databases aside."""
    wanted = [
        path for name in ("files", "audit-heads") for path in (data / name).rglob("*") if path.is_file()
    ]
    found = {str(path.relative_to(data)): path.read_bytes() for path in wanted}
    return {place: content for place, content in found.items() if "/exports/" not in place}
