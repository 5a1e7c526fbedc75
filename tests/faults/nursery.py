"""A process that has loaded the program once and forks a fresh copy whenever one was killed.

Starting Python and importing everything takes a second; a fork takes a few milliseconds. The copy is a
process group of its own: gunicorn with its worker process, or a job worker, as `make run` starts them.

Run as `python -m tests.faults.nursery`: a JSON line {"run", "args", "env"} on standard input forks a
copy, its process id comes back on standard output. It ends when its standard input does.
"""

import atexit
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux: orphans of a killed group come to us, not to init


class Nursery:
    """The caller's side: asks for copies."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.groups: list[int] = []

    def fork(self, run: str, *args: str, env: dict[str, str]) -> int:
        """Start a copy that does `run` ("web", "work") and return the id of its process group."""
        assert self.process.stdin is not None and self.process.stdout is not None
        order = {"run": run, "args": args, "env": env}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        group = int(self.process.stdout.readline())
        self.groups.append(group)
        return group


_running: list[Nursery] = []


def nursery() -> Nursery:
    """The nursery of this process, started at the first call; it and its copies end with the process."""
    if not _running:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        _running.append(Nursery(process))
        atexit.register(forget)
    return _running[0]


def forget() -> None:
    """End the nursery and its copies; the next scenario starts anew."""
    if not _running:
        return
    found = _running.pop()
    for group in found.groups:
        end_group(group)
    found.process.kill()
    found.process.wait()


def end_group(group: int) -> None:
    """SIGKILL a process group; one that has ended already is fine."""
    assert group > 1, "0 would be our own group"
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _serve_orders() -> None:
    from tests.faults.served import preload

    ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    preload()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order)
        print(child, flush=True)


def _become(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    os.environ.update(order["env"])
    tempfile.tempdir = None  # looked up anew: TMPDIR may be another
    log = os.open(order["env"]["FAULTS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, place in enumerate((os.open(os.devnull, os.O_RDONLY), log, log)):
        os.dup2(place, number)
    try:
        from tests.faults import served

        served.ROLES[order["run"]](*order["args"])
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(0)


if __name__ == "__main__":
    _serve_orders()
