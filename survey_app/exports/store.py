"""The room's own folder of workbooks, so that sweeping it can never touch what another room keeps."""

from flask import current_app

from survey_app.core.files import FileStore


def export_store() -> FileStore:
    """The store of the running app."""
    store: FileStore = current_app.extensions["export_store"]
    return store
