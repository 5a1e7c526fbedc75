"""Sending stored bytes to a browser that must not run, guess or keep them."""

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from survey_app.evidence.names import clean_stem, ending_of
from survey_app.evidence.store import evidence_store
from survey_app.rules.errors import NotFound

SANDBOX = "sandbox; default-src 'none'"


def send_picture(digest: str | None) -> ResponseReturnValue:
    """A stored JPEG to be shown in a page. Raises `NotFound`."""
    return _send(digest, "image/jpeg", name=None)


def send_download(digest: str | None, media_type: str, name: str) -> ResponseReturnValue:
    """A stored file as an attachment under this name (RFC 6266). Raises `NotFound`."""
    safe = f"{clean_stem(name)}.{ending_of(name)}"
    return _send(digest, media_type, name=safe)


def _send(digest: str | None, media_type: str, name: str | None) -> Response:
    store = evidence_store()
    if digest is None or not store.exists(digest):
        raise NotFound()
    response = send_file(
        store.path(digest),
        mimetype=media_type,
        as_attachment=name is not None,
        download_name=name,
        etag=digest,
        max_age=0,
    )
    # Asked for again each time, answered 304 when the person may still see it: a file that is hidden
    # or a session that has ended stops the picture at once.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = SANDBOX
    del response.headers["Expires"]
    return response
