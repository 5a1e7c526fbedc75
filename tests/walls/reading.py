"""What a person can read in an answer, and the canaries that sing in it."""

import io
import zipfile
from html import unescape

from werkzeug.test import TestResponse

from tests.walls.world import CANARIES


def text_of(answer: TestResponse) -> str:
    """Whatever a person can read in an answer; an archive opened, what cannot be decoded left out."""
    content = answer.get_data()
    if not content.startswith(b"PK"):
        return unescape(content.decode("utf-8", "ignore"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    except zipfile.BadZipFile:
        return ""


def heard(text: str) -> set[str]:
    """The canaries that sing in a text."""
    return {name for name, song in CANARIES.items() if song in text}
