"""The room's own folder of files, so that sweeping it can never touch what another room keeps."""

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from flask import current_app

from survey_app.core.files import FileStore


class EvidenceStore(FileStore):
    """Content-addressed files of evidence, and how many bytes each unit may keep."""

    def __init__(self, root: Path, quota: int) -> None:
        super().__init__(root)
        self.quota = quota

    def sweep(self, wanted: Collection[str], *, before: datetime) -> int:
        """Remove the files written before this moment that are not `wanted` (digests); returns how many.

        A file is taken aside first: one that somebody stores again at that very moment is put back.
        """
        removed = 0
        for path in self._files():
            if path.name in wanted or path.stat().st_mtime >= before.timestamp():
                continue
            aside = path.with_name(f".gone-{path.name}")
            path.replace(aside)
            if aside.stat().st_mtime >= before.timestamp():
                aside.replace(path)
            else:
                aside.unlink()
                removed += 1
        return removed

    def _files(self) -> Iterator[Path]:
        yield from self.root.glob("[0-9a-f][0-9a-f]/*")
        yield from self.root.glob(".part-*")


def evidence_store() -> EvidenceStore:
    """The store of the running app."""
    store: EvidenceStore = current_app.extensions["evidence_store"]
    return store
