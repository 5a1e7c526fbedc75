"""Taking in an uploaded file: what it says it is, what it is, and a copy of it that is safe to keep and show.

Ending, first bytes and a full reading must agree. The reading is done by `decoder.py` in a process of its
own, so that no file can take the memory, the time or the secrets of the web server. No database here.
"""

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any

from survey_app.core.files import StoreFull
from survey_app.evidence.kinds import DOCUMENT, IMAGE, JPEG_TYPE, OFFICE_TYPES, PDF, PICTURE_ENDINGS
from survey_app.evidence.names import clean_stem, ending_of
from survey_app.evidence.refusals import SENTENCES, FileRefused
from survey_app.evidence.scanning import Scanner

MOST_BYTES = 20 * 1024 * 1024
WALL_SECONDS = 20
AT_ONCE, IN_HOUSE = BoundedSemaphore(2), BoundedSemaphore(4)  # being read; those and the waiting ones
OUT_OF_BOUNDS = (signal.SIGKILL, signal.SIGXCPU, signal.SIGABRT)  # how time and memory run out in a decoder
DECODER = Path(__file__).with_name("decoder.py")
NO_ROOM = 74  # how a decoder ends that could not write its answer

OFFICE_FOLDERS = {"docx": "word", "xlsx": "xl"}
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
MACRO_ENDINGS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm"})
BY_ENDING = {
    **dict.fromkeys(("doc", "xls", "ppt", "pptx", "odt", "ods", "odp", "rtf", "txt", "csv"), "old_office"),
    **dict.fromkeys(("gif", "bmp", "tif", "tiff", "svg", "avif", "ico", "psd", "dng", "raw"), "picture_kind"),
    **dict.fromkeys(("mp4", "mov", "avi", "mkv", "3gp", "webm", "mp3", "m4a", "wav"), "video"),
    **dict.fromkeys(("zip", "rar", "7z", "gz", "tar"), "compressed"),
    **dict.fromkeys(MACRO_ENDINGS, "macros"),
}


@dataclass(frozen=True)
class Intake:
    """One file made safe: what is kept of it, and the pictures to show.

    `content` is a fresh JPEG (image), the pages of a PDF without author and scripts (signed: as it was), or
    the .docx, .xlsx without author and camera data; `source_sha256` names the bytes that came. `pages` are
    JPEGs of a PDF's pages, `thumb` a JPEG of at most 320 px. `captured_on` is the camera's own date, which
    may be wrong. `file_name` is clean and ends as `content` is.
    """

    kind: str
    file_name: str
    media_type: str
    content: bytes
    source_sha256: str
    thumb: bytes | None = None
    pages: tuple[bytes, ...] = ()
    captured_on: date | None = None


def take_in(
    stream: IO[bytes], name: str, *, most: int = MOST_BYTES, scanner: Scanner | None = None
) -> Intake:
    """Read an upload of at most `most` bytes named `name` by the person. Slow: up to 5 s of a processor.

    With a `scanner` nothing reads the bytes before it has let them pass.

    Raises `FileRefused`: 422, 413 when it is too large, 503 when four files are being taken in already or
    nobody could scan it; `Infected`; and `StoreFull` when there is no room to work in.
    """
    with _a_place():
        content = stream.read(most + 1)
        if not content:
            raise FileRefused("empty")
        if len(content) > most:
            raise FileRefused("too_large", most=most // (1024 * 1024))
        ending = ending_of(name)
        if ending in BY_ENDING:
            raise FileRefused(BY_ENDING[ending], ending=ending)
        if scanner is not None:
            scanner.check(content)
        stem = clean_stem(name) or "minh chứng"
        if ending in PICTURE_ENDINGS:
            return _picture(content, ending, stem)
        if ending == "pdf":
            return _pdf(content, stem)
        if ending in OFFICE_TYPES:
            return _office(content, ending, stem)
        raise FileRefused("kind")


@contextmanager
def _a_place() -> Iterator[None]:
    """Few uploads wait at a time: the other threads must stay free to save answers."""
    if not IN_HOUSE.acquire(blocking=False):
        raise FileRefused("busy")
    try:
        yield
    finally:
        IN_HOUSE.release()


def _picture(content: bytes, ending: str, stem: str) -> Intake:
    # Phones and Zalo often name a WebP or HEIC picture .jpg: any of the four under any of their endings is
    # taken, since what is kept is drawn anew in any case.
    decoder = _picture_decoder(content)
    if decoder is None:
        raise FileRefused("mismatch", ending=ending)
    frames = _decode(f"picture:{decoder}", content, ending, broken="broken_picture")
    return Intake(
        IMAGE,
        f"{stem}.jpg",
        JPEG_TYPE,
        frames.content,
        hashlib.sha256(content).hexdigest(),
        thumb=frames.thumb,
        captured_on=_as_date(frames.facts.get("captured_on")),
    )


def _picture_decoder(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        return "HEIF"
    return None


def _pdf(content: bytes, stem: str) -> Intake:
    if not content.startswith(b"%PDF-"):
        raise FileRefused("mismatch", ending="pdf")
    frames = _decode("pdf", content, "pdf", broken="broken_pdf")
    return Intake(
        PDF,
        f"{stem}.pdf",
        "application/pdf",
        frames.content,
        hashlib.sha256(content).hexdigest(),
        thumb=frames.thumb,
        pages=frames.pages,
    )


def _office(content: bytes, ending: str, stem: str) -> Intake:
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # what Office wraps an encrypted .docx or .xlsx in
        raise FileRefused("password")
    if not content.startswith(b"PK\x03\x04"):
        raise FileRefused("mismatch", ending=ending)
    frames = _decode(f"office:{OFFICE_FOLDERS[ending]}", content, ending, broken="broken_office")
    digest = hashlib.sha256(content).hexdigest()
    return Intake(DOCUMENT, f"{stem}.{ending}", OFFICE_TYPES[ending], frames.content, digest)


# ---- the decoder's process ----


@dataclass(frozen=True)
class _Frames:
    content: bytes
    thumb: bytes | None
    pages: tuple[bytes, ...]
    facts: dict[str, Any]


def _decode(task: str, content: bytes, ending: str, *, broken: str) -> _Frames:
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    with AT_ONCE, tempfile.TemporaryFile() as answer:
        try:
            ended = subprocess.run(
                [sys.executable, "-I", str(DECODER), task],
                input=content,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={**environment, "MALLOC_ARENA_MAX": "2"},
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FileRefused("too_heavy") from error
        if ended.returncode == NO_ROOM:
            raise StoreFull()
        answer.seek(0)
        frames = list(_read_frames(answer))
    facts = _facts(frames)
    if refused := facts.get("refused"):
        raise FileRefused(_reason(refused, broken, ended.returncode), ending=ending)
    thumbs = [body for letter, body in frames if letter == b"T"]
    return _Frames(
        content=next((body for letter, body in frames if letter == b"C"), content),
        thumb=thumbs[0] if thumbs else None,
        pages=tuple(body for letter, body in frames if letter == b"P"),
        facts=facts,
    )


def _facts(frames: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    if not frames or frames[-1][0] != b"J":
        return {"refused": "crashed"}
    facts: dict[str, Any] = json.loads(frames[-1][1])
    return facts


def _reason(refused: str, broken: str, code: int) -> str:
    if refused == "crashed" and -code in OUT_OF_BOUNDS:
        return "too_heavy"
    return refused if refused in SENTENCES else broken


def _read_frames(answer: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while len(head := answer.read(5)) == 5:
        letter, length = struct.unpack(">cI", head)
        body = answer.read(length)
        if len(body) < length:
            return
        yield letter, body


def _as_date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.year >= 1990 else None
