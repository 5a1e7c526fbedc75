"""The room's own folder of files, so that sweeping it can never touch what another room keeps."""

from pathlib import Path

from flask import current_app

from survey_app.core.files import FileStore


class EvidenceStore(FileStore):
    """Content-addressed files of evidence, and how many bytes each unit may keep."""

    def __init__(self, root: Path, quota: int) -> None:
        super().__init__(root)
        self.quota = quota


def evidence_store() -> EvidenceStore:
    """The store of the running app."""
    store: EvidenceStore = current_app.extensions["evidence_store"]
    return store
