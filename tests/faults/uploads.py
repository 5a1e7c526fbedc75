"""Photographs sent while the server dies: what was acknowledged is served, half a file never is."""

import hashlib
import io
import json
import socket
import threading
import time
from pathlib import Path

from PIL import Image
from sqlalchemy import Engine, text

from tests.factories.evidence import make_picture
from tests.faults.ground import Site
from tests.faults.senders import Answer, Browser

BOUNDARY = "----faults"


class Uploader(Browser):
    """One school that uploads a new photograph again and again; every other one breaks off in its middle."""

    def __init__(self, port: int, site: Site) -> None:
        super().__init__(port, site.seats[0])
        self.count = 0
        self.acknowledged: list[str] = []
        self.refused: list[Answer] = []

    def start(self, *, half: bool) -> None:
        """Begin uploading in a thread of its own; `half`: send half the body and go on holding the line."""
        act = self._half if half else self._whole
        self.thread = threading.Thread(target=act, daemon=True)
        self.thread.start()

    def join(self) -> None:
        """Wait for the end, which comes when the connection breaks."""
        self.thread.join(40)

    def _whole(self) -> None:
        while self.upload().status == 201:
            pass

    def upload(self, *, big: bool = False, **headers: str) -> Answer:
        """Upload one new photograph; a `big` one is too large to be kept in memory while it comes in."""
        answer = self.post(
            "/evidence/new", self._body(big), Content_Type=f"multipart/form-data; boundary={BOUNDARY}"
        )
        if answer.status == 201:
            self.acknowledged.append(json.loads(answer.body)["uid"])
        elif answer.status:
            self.refused.append(answer)
        return answer

    def _half(self) -> None:
        body = self._body()
        head = (
            f"POST /evidence/new HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.seat.cookie}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                line.sendall(head.encode() + body[: len(body) // 2])
                line.recv(1)
        except OSError:
            time.sleep(0)

    def _body(self, big: bool = False) -> bytes:
        self.count += 1
        size = (64 + self.count % 400, 48 + self.count // 400)
        picture = _noise() if big else make_picture("JPEG", size)
        return multipart({"title": f"Ảnh {self.count}", "no_personal": "y"}, self.seat.token, picture)


def _noise() -> bytes:
    target = io.BytesIO()
    Image.effect_noise((1000, 1000), 120).save(target, "JPEG", quality=95)
    return target.getvalue()


def multipart(fields: dict[str, str], token: str, content: bytes, name: str = "IMG_1.jpg") -> bytes:
    """The body of an upload form."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in ({"csrf_token": token} | fields).items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return ("".join(parts) + head).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def check_files(database: Engine, folder: Path, uploader: Uploader) -> list[str]:
    """Every row's file is whole, every named file is what its name says, every acknowledged one has a row."""
    with database.connect() as connection:
        rows = connection.execute(text("SELECT uid, sha256, thumb FROM evidence_file")).all()
    whole = {path.name for path in stored(folder) if _digest(path) == path.name}
    wrong = [f"half a file under {path.name}" for path in stored(folder) if path.name not in whole]
    wrong += [f"row {uid} without its file" for uid, *names in rows if not whole.issuperset(names)]
    there = {row[0] for row in rows}
    wrong += [f"acknowledged upload {uid} is gone" for uid in uploader.acknowledged if uid not in there]
    return wrong + [f"upload answered {one.status}: {one.body[:200]}" for one in uploader.refused]


def stored(folder: Path) -> list[Path]:
    """The files that can be served: those under a digest."""
    return [path for path in folder.glob("files/evidence/??/*") if not path.name.startswith(".")]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
