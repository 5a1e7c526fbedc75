"""The envelope of a backup, without a database: what is changed anywhere is refused."""

import io
import os
import random
import unicodedata
from collections.abc import Callable

import pytest

from survey_app.operations.envelope import (
    HEADER,
    PIECE,
    Damaged,
    EnvelopeReader,
    EnvelopeWriter,
    KeyMissing,
    NotABackup,
    WrongKey,
)
from survey_app.rules.errors import RuleError

KEY = "Ngôi trường bên sông Hậu"
TAG = {KEY: 16, None: 32}


def seal(content: bytes, key: str | None = KEY) -> bytes:
    target = io.BytesIO()
    writer = EnvelopeWriter(target, key)
    for start in range(0, len(content), 300_000):
        writer.write(content[start : start + 300_000])
    writer.close()
    return target.getvalue()


def unseal(sealed: bytes, key: str | None = KEY) -> bytes:
    reader, pieces = EnvelopeReader(io.BytesIO(sealed), key), []
    while piece := reader.read(777_777):
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "open"])
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_goes_in_comes_out(key: str | None, size: int) -> None:
    content = os.urandom(size)
    assert unseal(seal(content, key), key) == content


def test_a_key_typed_on_another_machine_is_the_same_key() -> None:
    assert unseal(seal(b"x", unicodedata.normalize("NFD", KEY)), unicodedata.normalize("NFC", KEY)) == b"x"


def test_nothing_of_the_content_can_be_read_and_no_two_envelopes_are_alike() -> None:
    content = b"Truong THCS " * 1000
    one, other = seal(content), seal(content)
    assert b"THCS" not in one and one[HEADER:] != other[HEADER:]
    assert b"THCS" in seal(content, None)


def test_a_wrong_key_a_missing_key_and_another_file_are_told_apart() -> None:
    sealed = seal(b"x")
    with pytest.raises(WrongKey):
        unseal(sealed, KEY + "!")
    with pytest.raises(KeyMissing):
        unseal(sealed, None)
    for other in (b"", b"PK\x03\x04" * 30, sealed[: HEADER - 1], sealed[:12] + b"\x07" + sealed[13:]):
        with pytest.raises(NotABackup):
            unseal(other)


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "open"])
def test_every_bit_counts(key: str | None) -> None:
    whole = seal(os.urandom(2 * PIECE + 5000), key)
    header = range(0, HEADER, 11 if key else 1)  # each look at a sealed header costs a derivation
    chosen = random.Random(1).sample(range(HEADER, len(whole)), 8 if key else 60)
    for place in [*header, *chosen, len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises(RuleError):
            unseal(bytes(changed), key)


def pieces_of(sealed: bytes, tag: int) -> list[bytes]:
    body = sealed[HEADER:]
    return [body[start : start + PIECE + tag] for start in range(0, len(body), PIECE + tag)]


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "cut between pieces": lambda p: p[:-1],
    "cut inside the last piece": lambda p: [*p[:-1], p[-1][:-1]],
    "cut inside a middle piece": lambda p: [p[0], p[1][:5000]],
    "only the header": lambda p: [],
    "something appended": lambda p: [*p, b"x"],
    "a piece appended": lambda p: [*p, p[0]],
    "the last piece twice": lambda p: [*p, p[-1]],
    "two pieces exchanged": lambda p: [p[1], p[0], *p[2:]],
    "a piece left out": lambda p: [p[0], *p[2:]],
    "a piece twice": lambda p: [p[0], p[0], *p[1:]],
}


@pytest.mark.parametrize("key", [KEY, None], ids=["sealed", "open"])
@pytest.mark.parametrize("change", CHANGES)
def test_cut_moved_and_appended_pieces_are_refused(change: str, key: str | None) -> None:
    sealed = seal(os.urandom(3 * PIECE + 100), key)
    changed = sealed[:HEADER] + b"".join(CHANGES[change](pieces_of(sealed, TAG[key])))
    with pytest.raises(Damaged):
        unseal(changed, key)


def test_pieces_of_another_backup_with_the_same_key_do_not_fit() -> None:
    one, other = seal(bytes(3 * PIECE)), seal(bytes(3 * PIECE))
    mixed = one[: HEADER + PIECE + 16] + other[HEADER + PIECE + 16 :]
    with pytest.raises(Damaged):
        unseal(mixed)
