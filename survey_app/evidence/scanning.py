"""Asking a malware scanner about an upload: ClamAV's daemon and all that speak its INSTREAM command.

Optional (trust row 34): without MALWARE_SCANNER nothing is asked. What clamd(8) takes: the command, then the
parts of the file, each behind its length in four bytes, then a length of nought; it answers in one line.
"""

import re
import socket
import struct
from dataclasses import dataclass

from flask import current_app

from survey_app.core import logs
from survey_app.evidence.refusals import FileRefused

PART = 64 * 1024
CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 20.0
LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (.{1,200}?) FOUND\Z")


class ScannerAway(Exception):
    """The scanner does not answer, or answers that it could not look."""


class Infected(FileRefused):
    """The scanner knows what is in the file by the name `signature`."""

    def __init__(self, signature: str) -> None:
        super().__init__("malware")
        self.signature = signature


@dataclass(frozen=True)
class Scanner:
    """Where a scanner listens: a host and port, or the path of a Unix socket.

    `needed`: a file that could not be looked at is refused (503) rather than taken.
    """

    address: tuple[str, int] | str
    needed: bool = True

    def check(self, content: bytes) -> None:
        """Let a clean file pass. Raises `Infected` (422); `FileRefused` (503) when nobody could look."""
        try:
            signature = self.signature_in(content)
        except ScannerAway as error:
            logs.log.error("malware scanner away", why=str(error), taken=not self.needed)
            if self.needed:
                raise FileRefused("unscanned") from error
            return
        if signature:
            raise Infected(signature)

    def signature_in(self, content: bytes) -> str:
        """The name of what is in the file; empty when there is nothing. Raises `ScannerAway`."""
        try:
            with self._connect() as line:
                line.settimeout(ANSWER_SECONDS)
                line.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), PART):
                    part = content[start : start + PART]
                    line.sendall(struct.pack(">I", len(part)) + part)
                line.sendall(struct.pack(">I", 0))
                answer = _read(line)
        except OSError as error:
            raise ScannerAway(type(error).__name__) from error
        if answer == "stream: OK":
            return ""
        found = _FOUND.match(answer)
        if found is None:
            raise ScannerAway("no verdict")
        return "".join(letter for letter in found[1] if letter.isascii() and letter.isprintable())

    def _connect(self) -> socket.socket:
        if not isinstance(self.address, str):
            return socket.create_connection(self.address, CONNECT_SECONDS)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect(self.address)
        except OSError:
            line.close()
            raise
        return line


def _read(line: socket.socket) -> str:
    answer = b""
    while len(answer) < LONGEST_ANSWER and b"\0" not in answer and (more := line.recv(LONGEST_ANSWER)):
        answer += more
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def scanner() -> Scanner | None:
    """The scanner of the running app; None when there is none."""
    address = current_app.config["MALWARE_SCANNER"]
    return Scanner(address, current_app.config["MALWARE_SCANNER_DOWN"] == "refuse") if address else None
