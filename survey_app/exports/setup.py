"""What the room plugs in: its store of files."""

from pathlib import Path

from flask import Flask

from survey_app.core.files import FileStore


def init_room(app: Flask) -> None:
    """Give the app a store for workbooks under DATA_DIR/files/exports."""
    app.extensions["export_store"] = FileStore(Path(app.config["DATA_DIR"]) / "files" / "exports")
