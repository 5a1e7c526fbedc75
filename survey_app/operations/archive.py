"""What is inside the envelope of a backup: a tar of parts, with a manifest of their digests at the end.

    opening.json               format, program, revision, shapes of the tables in the order to load them
    tables/<table>/00001.gz    rows as lines of JSON (`rows.write_line`), 4 MiB and more before compression
    heads.jsonl                the exported heads of the audit trail
    files/<store>/ab/<sha256>  stored files, named by their content
    manifest.json              SHA-256 of every part, rows and content hash of every table, what is missing

Everything streams: one part of a table, or one piece of a file, is in memory at a time.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol, cast

from survey_app.operations.envelope import Damaged, EnvelopeReader, EnvelopeWriter
from survey_app.operations.rows import Row, Tally, read_line, write_line
from survey_app.operations.shapes import Shape, read_shape
from survey_app.operations.stores import PLACE

FORMAT = 1
OPENING, HEADS, MANIFEST = "opening.json", "heads.jsonl", "manifest.json"
TABLE_PART = re.compile(r"tables/([a-z][a-z0-9_]*)/([0-9]{5})\.gz\Z")
PART = 4 * 1024 * 1024  # bytes of lines in one part of a table
LARGEST_PART = 64 * 1024 * 1024
BLOCK = 1024 * 1024


@dataclass
class Manifest:
    """What a backup holds.

    `tables` are {name: (rows, SHA-256 of the lines)}, `files` (count, bytes, SHA-256 of their list), `parts`
    {name: [bytes, SHA-256]}, `head` the last block of the audit trail.
    """

    opening: dict[str, Any]
    parts: dict[str, list[Any]] = field(default_factory=dict)
    tables: dict[str, tuple[int, str]] = field(default_factory=dict)
    files: tuple[int, int, str] = (0, 0, "")
    head: dict[str, Any] | None = None
    missing: int = 0
    missing_first: list[str] = field(default_factory=list)

    def written(self) -> bytes:
        """The manifest as the last part of the archive."""
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True, indent=1).encode()

    def shapes(self) -> list[Shape]:
        """The tables in the order to load them."""
        return [read_shape(plain) for plain in self.opening["shapes"]]


class Digests:
    """Counts and digests of the files that pass: the same list gives the same SHA-256."""

    def __init__(self) -> None:
        self.count, self.bytes, self._digest = 0, 0, hashlib.sha256()

    def add(self, place: str, size: int) -> None:
        """Note one file."""
        self.count, self.bytes = self.count + 1, self.bytes + size
        self._digest.update(f"{place} {size}\n".encode())

    @property
    def told(self) -> tuple[int, int, str]:
        """(count, bytes, SHA-256 of the list)."""
        return self.count, self.bytes, self._digest.hexdigest()


class ArchiveWriter:
    """Writes parts into an envelope and keeps the manifest; void until `close()`."""

    def __init__(self, envelope: EnvelopeWriter, opening: dict[str, Any]) -> None:
        self._envelope = envelope
        self._tar = tarfile.open(fileobj=cast(Any, envelope), mode="w|", bufsize=BLOCK)
        cast(Any, self._tar).copybufsize = BLOCK
        self.manifest, self._files = Manifest(opening), Digests()
        self._part(OPENING, json.dumps(opening, ensure_ascii=False, sort_keys=True).encode())

    def add_table(self, shape: Shape, rows: Iterable[Row]) -> None:
        """Write a table part by part."""
        tally, waiting, number = Tally(), bytearray(), 0
        for row in rows:
            waiting += tally.add(write_line(row))
            if len(waiting) >= PART:
                number += 1
                self._table_part(shape, number, waiting)
                waiting.clear()
        if waiting:
            self._table_part(shape, number + 1, waiting)
        self.manifest.tables[shape.name] = tally.told

    def _table_part(self, shape: Shape, number: int, lines: bytearray) -> None:
        self._part(f"tables/{shape.name}/{number:05}.gz", gzip.compress(lines, 5, mtime=0))

    def add_heads(self, content: bytes) -> None:
        """Write the exported heads."""
        self._part(HEADS, content)

    def add_file(self, place: str, path: Path) -> bool:
        """Write a stored file; False when it is gone or no longer what its name says."""
        try:
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != path.name:
                    return False
                info = tarfile.TarInfo(f"files/{place}")
                info.size = stream.tell()
                stream.seek(0)
                self._add(info, stream)
        except FileNotFoundError:
            return False
        self._files.add(place, info.size)
        return True

    def close(self) -> Manifest:
        """Write the manifest and the last piece."""
        self.manifest.files = self._files.told
        info = tarfile.TarInfo(MANIFEST)
        content = self.manifest.written()
        info.size = len(content)
        self._add(info, io.BytesIO(content))
        self._tar.close()
        self._envelope.close()
        return self.manifest

    def _part(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._add(info, io.BytesIO(content))
        self.manifest.parts[name] = [len(content), hashlib.sha256(content).hexdigest()]

    def _add(self, info: tarfile.TarInfo, stream: IO[bytes]) -> None:
        self._tar.addfile(info, stream)
        _forget_members(self._tar)


def _forget_members(tar: tarfile.TarFile) -> None:
    """It would remember every file it has passed."""
    cast(Any, tar).members.clear()


class Taker(Protocol):
    """What becomes of the parts of an archive while it is read."""

    def open(self, opening: dict[str, Any], shapes: list[Shape]) -> None:
        """The first part; raise to read no further."""

    def rows(self, shape: Shape, rows: Iterator[list[Any]]) -> None:
        """Some rows of a table, in order; take all of them."""

    def heads(self, content: bytes) -> None:
        """The exported heads."""

    def file(self, place: str, pieces: Iterator[bytes]) -> None:
        """A stored file; take all its pieces. Their digest is checked afterwards."""


class Look:
    """Takes nothing: for checking."""

    def open(self, opening: dict[str, Any], shapes: list[Shape]) -> None:
        """Nothing."""

    def rows(self, shape: Shape, rows: Iterator[list[Any]]) -> None:
        """Read and forget."""
        for _row in rows:
            pass

    def heads(self, content: bytes) -> None:
        """Nothing."""

    def file(self, place: str, pieces: Iterator[bytes]) -> None:
        """Read and forget."""
        for _piece in pieces:
            pass


class ArchiveReader:
    """Reads an archive to its end, checking every digest and that the manifest says the same.

    Raises `Damaged`; what the taker did until then must be undone.
    """

    def __init__(self, envelope: EnvelopeReader, taker: Taker) -> None:
        self._envelope, self._taker = envelope, taker
        self._seen: Manifest | None = None
        self._shapes: dict[str, Shape] = {}
        self._tallies: dict[str, Tally] = {}
        self._files = Digests()

    def read(self) -> Manifest:
        """The manifest, once everything has been read and is as it says."""
        told: Manifest | None = None
        try:
            with tarfile.open(fileobj=cast(Any, self._envelope), mode="r|", bufsize=BLOCK) as tar:
                for info in tar:
                    _forget_members(tar)
                    stream = tar.extractfile(info)
                    if told is not None or stream is None:
                        raise Damaged(where=info.name)
                    told = self._part(info.name, stream)
            while self._envelope.read(BLOCK):
                pass  # the padding of the tar; the envelope's own end is checked with its last piece
        except (tarfile.TarError, ValueError, KeyError, TypeError, zlib.error, EOFError) as error:
            raise Damaged(where=type(error).__name__) from error
        if told is None or self._seen is None:
            raise Damaged(where=MANIFEST)
        return self._compare(told, self._seen)

    def _compare(self, told: Manifest, seen: Manifest) -> Manifest:
        seen.tables = {name: self._tallies[name].told for name in self._shapes}
        seen.files = self._files.told
        for name in ("opening", "parts", "tables", "files"):
            if getattr(told, name) != getattr(seen, name):
                raise Damaged(where=f"{MANIFEST}: {name}")
        return told

    def _part(self, name: str, stream: IO[bytes]) -> Manifest | None:
        if name.startswith("files/"):
            self._file(name.removeprefix("files/"), stream)
            return None
        content = stream.read(LARGEST_PART)
        if name == MANIFEST:
            return _read_manifest(content)
        if (self._seen is None) != (name == OPENING):
            raise Damaged(where=name)
        if name == OPENING:
            self._open(content)
        elif name == HEADS:
            self._taker.heads(content)
        else:
            self._rows(name, content)
        assert self._seen is not None
        self._seen.parts[name] = [len(content), hashlib.sha256(content).hexdigest()]
        return None

    def _open(self, content: bytes) -> None:
        self._seen = Manifest(json.loads(content))
        if self._seen.opening["format"] != FORMAT:
            raise Damaged(where=f"format {self._seen.opening['format']}")
        shapes = self._seen.shapes()
        self._shapes = {shape.name: shape for shape in shapes}
        self._tallies = {shape.name: Tally() for shape in shapes}
        self._taker.open(self._seen.opening, shapes)

    def _rows(self, name: str, content: bytes) -> None:
        match = TABLE_PART.match(name)
        if match is None:
            raise Damaged(where=name)
        shape, tally = self._shapes[match[1]], self._tallies[match[1]]
        lines = io.BytesIO(zlib.decompressobj(31).decompress(content, LARGEST_PART))
        self._taker.rows(shape, (read_line(tally.add(line)) for line in lines))

    def _file(self, place: str, stream: IO[bytes]) -> None:
        match, digest, size = PLACE.match(place), hashlib.sha256(), 0

        def pieces() -> Iterator[bytes]:
            nonlocal size
            while piece := stream.read(BLOCK):
                digest.update(piece)
                size += len(piece)
                yield piece

        if match is None or match[3][:2] != match[2]:
            raise Damaged(where=place)
        self._taker.file(place, pieces())
        if digest.hexdigest() != match[3]:
            raise Damaged(where=place)
        self._files.add(place, size)


def _read_manifest(content: bytes) -> Manifest:
    plain = json.loads(content)
    plain["tables"] = {name: (rows, sha256) for name, (rows, sha256) in plain["tables"].items()}
    plain["files"] = tuple(plain["files"])
    return Manifest(**plain)
