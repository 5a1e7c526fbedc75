"""A small server that speaks clamd's INSTREAM, for tests: it knows the EICAR test file and nothing else."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The industry's harmless test file, in two parts so that no scanner takes this module for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"


class Answering(socketserver.StreamRequestHandler):
    """One connection: the command, the parts, the verdict."""

    server: "Clamd | ClamdSocket"

    def handle(self) -> None:
        """Read all of a file, note it, say what is in it (or what the test wants said)."""
        assert self.rfile.read(len(b"zINSTREAM\0")) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.seen.append(content)
        verdict = f"stream: {NAME} FOUND" if EICAR in content else "stream: OK"
        self.wfile.write((self.server.says or verdict).encode() + b"\0")


class Clamd(socketserver.ThreadingTCPServer):
    """On TCP."""

    daemon_threads = True

    def __init__(self, place: Any, says: str) -> None:
        super().__init__(place, Answering)
        self.says, self.seen = says, list[bytes]()


class ClamdSocket(socketserver.ThreadingUnixStreamServer):
    """On a Unix socket."""

    daemon_threads = True

    def __init__(self, place: Any, says: str) -> None:
        super().__init__(place, Answering)
        self.says, self.seen = says, list[bytes]()


@contextmanager
def clamd(socket_file: Path | None = None, says: str = "") -> Iterator[Clamd | ClamdSocket]:
    """A running server; `says` is answered whatever comes."""
    server = ClamdSocket(str(socket_file), says) if socket_file else Clamd(("127.0.0.1", 0), says)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
