"""`make run`: prepare the database, then one parent that keeps the web server and the job worker alive.

`python -m survey_app.serve prepare | web | worker` is one part of it, for systemd and containers.

Both children are in the parent's process group, so that Ctrl-C reaches all three; a child that dies is
started again; when the parent ends, for whatever reason, the children end too.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from survey_app.app import create_app
from survey_app.config import ADDRESS, BadSetting, load_settings
from survey_app.prepare import FLASK, demo_accounts, prepare, wants_demo

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 4.0
CALM_SECONDS = 30.0
THREADS = 8
PARTS = ("prepare", "web", "worker")
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux


@dataclass
class Child:
    """One process to keep alive, and when it was started."""

    name: str
    command: list[str]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    quick_deaths: int = field(default=0)

    def start(self) -> None:
        """Start the process in the parent's group."""
        self.process = subprocess.Popen(self.command, cwd=ROOT, preexec_fn=_die_with_parent)
        self.started = time.monotonic()

    def died(self) -> bool:
        """True when the process has ended."""
        return self.process is None or self.process.poll() is not None

    def revive(self) -> None:
        """Start a dead process again; slower when it keeps dying at once."""
        lived = time.monotonic() - self.started
        self.quick_deaths = self.quick_deaths + 1 if lived < CALM_SECONDS else 0
        time.sleep(min(0.5 * self.quick_deaths, 5.0))
        print(f"{self.name} đã dừng sau {lived:.0f} giây; khởi động lại.", file=sys.stderr, flush=True)
        self.start()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def web_command(host: str, port: int, *, processes: int, grace: int) -> list[str]:
    """Gunicorn as we run it: processes of eight threads each, with `grace` seconds to end in."""
    web = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{host}:{port}"]
    web += ["--workers", str(processes), "--threads", str(THREADS)]
    web += ["--graceful-timeout", str(grace), "--no-control-socket", "--log-level", "warning"]
    return [*web, "--logger-class", "survey_app.core.server_log.ServerLogger"]


def children(host: str, port: int, processes: int) -> list[Child]:
    """The web server and the job worker."""
    web = web_command(host, port, processes=processes, grace=2)
    worker = [*FLASK, "jobs", "work", "--with-parent"]
    return [Child("Máy chủ web", web), Child("Tiến trình xử lý nền", worker)]


def count_together(processes: int, folder: str) -> None:
    """Several web processes get one folder to count in (`core.measures`), empty at each start."""
    if processes > 1:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder


def only(part: str, host: str, port: int) -> int:
    """Become one part of the program, where systemd or a container keeps each alive by itself."""
    if part == "prepare":
        prepare(create_app(), with_demo=wants_demo())
        return 0
    command = [*FLASK, "jobs", "work"]
    processes = int(load_settings()["WEB_PROCESSES"])  # a wrong setting is said now, in one sentence
    if part == "web":
        count_together(processes, tempfile.mkdtemp(prefix="measures-"))
        command = web_command(host, port, processes=processes, grace=25)
    os.chdir(ROOT)
    os.execv(command[0], command)


def keep_alive(kept: list[Child], ended: threading.Event) -> None:
    """Run until `ended` is set; then stop every child within five seconds."""
    for child in kept:
        child.start()
    try:
        while not ended.wait(0.25):
            for child in kept:
                if child.died() and not ended.is_set():
                    child.revive()
    finally:
        stop(kept)


def stop(kept: list[Child]) -> None:
    """Ask every child to end, then make it."""
    running = [child.process for child in kept if child.process is not None and not child.died()]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def announce(url: str, demo: bool, ended: threading.Event) -> None:
    """Print the address and the demo accounts once the site is ready."""
    while not ended.wait(0.1) and not is_up(url):
        pass
    if ended.is_set():
        return
    print(f"Sẵn sàng: {url}   (dừng: Ctrl-C)", flush=True)
    accounts = demo_accounts() if demo else []
    if accounts:
        print("\n".join(["Tài khoản demo:", *accounts]), flush=True)


def is_up(url: str) -> bool:
    """True when pages can be asked for. A disk that is nearly full is said, but hides nothing."""
    try:
        urllib.request.urlopen(url + "/readyz", timeout=2).close()
    except urllib.error.HTTPError as error:
        with error, suppress(ValueError):
            said = json.load(error)
            if said.get("worker") == "ok" and said.get("disk") == "low":
                print("Ổ đĩa chứa dữ liệu sắp hết chỗ. Hãy dọn bớt trước khi dùng.", file=sys.stderr)
                return True
        return False
    except OSError:
        return False
    return True


def port_is_free(host: str, port: int) -> bool:
    """True when nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def main(part: str = "") -> int:
    """Prepare, serve, and end with both children; or become only the `part` named. The exit status."""
    if part not in ("", *PARTS):
        print(f"Không có phần {part}. Chọn: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    try:
        host, port = os.environ.get("HOST", "127.0.0.1"), int(load_settings()["PORT"])
        return only(part, host, port) if part else serve(host, port)
    except BadSetting as error:
        print(f"Cấu hình chưa đúng: {error}", file=sys.stderr)
        return 1


def serve(host: str, port: int) -> int:
    """All of it under one parent, as `make run` does. Raises `BadSetting`."""
    if not port_is_free(host, port):
        print(f"Cổng {port} đang có chương trình khác dùng. Thử: PORT={port + 1} make run", file=sys.stderr)
        return 1
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    app, demo = create_app(), wants_demo()
    prepare(app, with_demo=demo)
    (app.config["DATA_DIR"] / ADDRESS).write_text(app.config["BASE_URL"] + "\n", encoding="ascii")
    threading.Thread(target=announce, args=(f"http://{host}:{port}", demo, ended), daemon=True).start()
    processes = int(app.config["WEB_PROCESSES"])
    with tempfile.TemporaryDirectory(prefix="measures-") as folder:
        count_together(processes, folder)
        keep_alive(children(host, port, processes), ended)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
