"""Style sheets and scripts go over the wire compressed, also where no nginx stands in front.

Pages do not: they hold a token beside words from outside, and the length of a compressed page would tell of
it (the BREACH attack). Fonts and pictures are compressed already.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request
from flask import current_app as app

TEXTS = (".css", ".js", ".svg", ".webmanifest")


def init_squeezing(flask_app: Flask) -> None:
    """Compress what the static route answers, once for each content of a file."""
    flask_app.after_request(_squeeze)


def _squeeze(response: Response) -> Response:
    name = (request.view_args or {}).get("filename", "")
    if request.endpoint != "static" or not name.endswith(TEXTS):
        return response
    response.vary.add("Accept-Encoding")
    etag, _ = response.get_etag()
    if response.status_code == 304 and etag:
        response.set_etag(etag, weak=True)
    elif response.status_code == 200 and etag and request.accept_encodings["gzip"]:
        file = Path(app.static_folder or "") / name
        response.direct_passthrough = False
        response.set_data(_squeezed(file, file.stat().st_mtime_ns))
        response.content_encoding = "gzip"
        response.set_etag(etag, weak=True)  # other bytes than the plain answer, the same words
    return response


@lru_cache(maxsize=128)
def _squeezed(file: Path, _written: int) -> bytes:
    return gzip.compress(file.read_bytes(), 9, mtime=0)
