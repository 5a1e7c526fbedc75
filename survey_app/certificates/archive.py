"""Files packed into one ZIP while it is sent: no copy on disk, one file in memory at a time."""

import zipfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from pathlib import Path

FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # equal files make an equal archive


class _Pipe(RawIOBase):
    """Takes what `zipfile` writes and hands it on; cannot go back."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: object) -> int:
        """Keep a piece until it is taken."""
        piece = bytes(data)  # type: ignore[call-overload]
        self.pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def stream_zip(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """The pieces of a ZIP of (name, file on disk); PDFs are compressed already and stored as they are."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files:
            archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), path.read_bytes())
            yield pipe.take()
    yield pipe.take()
