"""What the room plugs in: its store of files, and no uses until the room above says which there are."""

from pathlib import Path

from flask import Flask

from survey_app.evidence.ports import NoUses, uses
from survey_app.evidence.store import EvidenceStore


def init_room(app: Flask) -> None:
    """Give the app its store under DATA_DIR/files/evidence."""
    root = Path(app.config["DATA_DIR"]) / "files" / "evidence"
    app.extensions["evidence_store"] = EvidenceStore(root, app.config["EVIDENCE_QUOTA_MB"] * 1024 * 1024)
    uses.plug(NoUses())
