"""The stored files of an installation: which travel in a backup, and which of them rows name.

Files are named by their SHA-256 (`core.files`), so a copy needs no order: rows are read first, the files they
name are on the disk already.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from survey_app.operations.shapes import Shape

FILES = "files"
# Workbooks are drawn again when somebody asks; they are not kept longer than a week anyway.
LEFT_BEHIND = frozenset({"exports", "letters"})  # drawn again; letters hold codes in the clear
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
PLACE = re.compile(r"((?:[a-z][a-z0-9-]*/)*)([0-9a-f]{2})/([0-9a-f]{64})\Z")


@dataclass(frozen=True)
class Naming:
    """Columns of one table whose values (a digest, or a JSON list of them) name files of one store."""

    table: str
    store: str
    columns: tuple[str, ...]
    unless: str | None = None


NAMED_BY = (
    Naming("evidence_file", "evidence", ("sha256", "thumb", "pages"), unless="deleted_at"),
    Naming("certificate", "", ("pdf_sha256",)),
    Naming("certificate_batch", "", ("bundle_sha256",)),
)
# Digests of something else than a file that travels.
NOT_NAMES = frozenset(
    {
        ("evidence_file", "source_sha256"),
        ("certificate", "sha256"),
        ("result", "sha256"),
        ("framework_version", "sha256"),
        ("framework_version", "source_sha256"),
        ("export_file", "sha256"),
        ("backup_run", "sha256"),
        # Letters hold codes in the clear and live for a day: they stay out of a backup.
        ("letter_batch", "sha256"),
        ("letter_part", "sha256"),
    }
)


def stored_files(data: Path) -> Iterator[tuple[str, Path]]:
    """(place below `files/`, path) of every stored file that travels; one folder in memory at a time."""
    yield from _of_store(data / FILES, "")


def _of_store(folder: Path, place: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if re.fullmatch("[0-9a-f]{2}", path.name):
            for file in sorted(path.iterdir()):
                if PLACE.match(found := f"{place}{path.name}/{file.name}"):
                    yield found, file
        elif path.is_dir() and path.name not in LEFT_BEHIND and not path.name.startswith("."):
            yield from _of_store(path, f"{place}{path.name}/")


def named_places(connection: Connection, shapes: list[Shape]) -> Iterator[str]:
    """The place of every file that a row names, in no order, some more than once."""
    by_name = {shape.name: shape for shape in shapes}
    for naming in NAMED_BY:
        clause = by_name[naming.table].clause()
        wanted = select(*(clause.c[name] for name in naming.columns)).execution_options(yield_per=1000)
        if naming.unless:
            wanted = wanted.where(clause.c[naming.unless].is_(None))
        for row in connection.execute(wanted):
            for value in row:
                yield from (_place(naming.store, digest) for digest in DIGEST.findall(str(value)))


def _place(store: str, digest: str) -> str:
    return f"{store}/{digest[:2]}/{digest}" if store else f"{digest[:2]}/{digest}"
