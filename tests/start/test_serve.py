"""`make run` as a person starts it: one parent, two children that are kept alive and end with it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from survey_app.config import load_settings
from tests.browser.demo_site import free_port

ROOT = Path(__file__).parents[2]


@contextmanager
def started(folder: Path, port: int, **more: str) -> Iterator["subprocess.Popen[str]"]:
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "DEMO": "0", **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "survey_app.serve"],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ready(port: int, seconds: float = 40) -> dict[str, object]:
    """What /readyz says once everything is well."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return dict(json.load(answer))
        except OSError:
            time.sleep(0.1)
    raise AssertionError("not ready in time")


def children_of(pid: int) -> dict[str, int]:
    """The two children by what they run."""
    found = {}
    for line in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{line}/cmdline").read_text()
        found["web" if "gunicorn" in words else "worker"] = int(line)
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true: object, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_children_are_kept_alive_and_end_with_their_parent(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as parent:
        assert ready(port)["worker"] == "ok"
        first = children_of(parent.pid)
        for name, pid in first.items():
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda name=name, pid=pid: children_of(parent.pid).get(name, pid) != pid)
        assert ready(port)["database"] == "ok"
        second = children_of(parent.pid)
        assert set(second) == {"web", "worker"} and not set(second.values()) & set(first.values())
        parent.kill()
        wait_until(lambda: not any(is_running(pid) for pid in second.values()))


def test_it_says_how_to_begin_and_ends_on_request(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as parent:
        ready(port)
        time.sleep(0.5)
        parent.send_signal(signal.SIGTERM)
        said, _ = parent.communicate(timeout=20)
        assert parent.returncode == 0
    assert f"Sẵn sàng: http://127.0.0.1:{port}" in said
    assert "flask accounts create-admin" in said
    # A command in another window, without PORT, prints links to where the site was served.
    assert load_settings({"DATA_DIR": str(tmp_path)})["BASE_URL"] == f"http://127.0.0.1:{port}"


def test_a_taken_port_and_a_wrong_setting_are_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with started(tmp_path, port) as parent:
            said, _ = parent.communicate(timeout=20)
            assert parent.returncode == 1 and f"Thử: PORT={port + 1} make run" in said
    with started(tmp_path, free_port(), ENV="staging") as parent:
        said, _ = parent.communicate(timeout=20)
        assert parent.returncode == 1 and said == (
            "Cấu hình chưa đúng: ENV phải là development hoặc production.\n"
        )
