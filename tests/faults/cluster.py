"""A PostgreSQL server of our own, so that it may be stopped: the machine's is everybody's."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.browser.demo_site import free_port
from tests.faults.scenario import CannotRun

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
SETTINGS = {"shared_buffers": "32MB", "max_connections": "60", "listen_addresses": "127.0.0.1"}


@dataclass(frozen=True)
class Cluster:
    """A server with its data in a temporary folder; `user` runs it, because root may not."""

    programs: Path
    folder: Path
    port: int
    user: str | None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"postgresql+psycopg://faults@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._control("start", "-w", "-t", "30", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is what a crash looks like: no checkpoint, connections cut."""
        self._control("stop", "-m", mode, "-w")

    def _control(self, *words: str) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), *words)

    def run(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs as the server's user. Raises `CannotRun` with what it said."""
        done = subprocess.run(
            [str(self.programs / program), *words],
            user=self.user,
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotRun(f"{program} {words[2:4]}: {done.stderr[-500:]}")


@contextmanager
def own_cluster(tables: Path | None = None, **settings: str) -> Iterator[Cluster]:
    """A running server of our own, gone afterwards; its tables lie in the folder `tables`, if given.

    `settings` are lines of postgresql.conf. Raises `CannotRun` where there are no server programs.
    """
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="faults-pg-") as name:
        cluster = Cluster(programs, Path(name), free_port(), _user())
        if cluster.user:
            shutil.chown(name, cluster.user)
        words = ("-D", f"{name}/data", "-U", "faults", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        cluster.run("initdb", *words)
        with (cluster.folder / "data" / "postgresql.conf").open("a", encoding="ascii") as conf:
            options = SETTINGS | settings
            options |= {"port": str(cluster.port), "unix_socket_directories": name}
            conf.writelines(f"{key} = '{value}'\n" for key, value in options.items())
        cluster.start()
        try:
            if tables:
                _keep_tables_in(cluster, tables)
            yield cluster
        finally:
            cluster.stop()


def _keep_tables_in(cluster: Cluster, folder: Path) -> None:
    if cluster.user:
        shutil.chown(folder, cluster.user)
    with create_engine(cluster.url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{folder}'")
        connection.exec_driver_sql("ALTER SYSTEM SET default_tablespace = 'small'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")


def _programs() -> Path:
    found = [place for place in PLACES if (place / "initdb").exists()]
    if found:
        return found[0]
    if program := shutil.which("initdb"):
        return Path(program).parent
    raise CannotRun("no PostgreSQL server programs (initdb, pg_ctl) on this machine")


def _user() -> str | None:
    """Root hands over to the user that the package made, or to nobody; everybody else stays who they are."""
    if os.geteuid():
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
