"""A running copy of the program with a fresh demo database on a free port, for pictures and browser tests."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Account:
    """One demo account."""

    login: str
    password: str
    role: str
    unit: str


@dataclass(frozen=True)
class DemoSite:
    """Where the copy answers and who may sign in."""

    url: str
    accounts: list[Account]

    def people(self) -> dict[str, Account]:
        """The first account of every role by the role's name, and two more schools."""
        found: dict[str, Account] = {}
        for account in self.accounts:
            found.setdefault(account.role, account)
        schools = [account for account in self.accounts if account.role == "unit_head"]
        return found | {f"unit_head_{n}": account for n, account in enumerate(schools[1:3], 2)}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _flask(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"flask {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _wait_until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(150):
        if server.poll() is not None:
            raise RuntimeError("the server ended at once")
        try:
            urllib.request.urlopen(url + "/healthz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not answer within 30 seconds")


@contextmanager
def demo_site(*load_options: str) -> Iterator[DemoSite]:
    """Build a demo database in a temporary folder, serve it, and end the server afterwards."""
    with TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        env = {**os.environ, "DATA_DIR": folder, "PORT": str(port), "BASE_URL": url, "ENV": "development"}
        _flask(env, "demo", "load", *load_options)
        accounts = [
            Account(**{k: str(row[k]) for k in ("login", "password", "role", "unit")})
            for row in json.loads(_flask(env, "demo", "accounts", "--json"))
        ]
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--port", str(port)]
        server = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_until_ready(url, server)
            yield DemoSite(url, accounts)
        finally:
            server.terminate()
            server.wait(timeout=10)
