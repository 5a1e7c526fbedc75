"""`make test-postgres [ARGS=…]`: the tests that meet a database once more, on PostgreSQL.

They make and drop a database each, which a server that writes everything through to the disk takes longer for
than most tests take. So they get a server of their own that does not, unless TEST_POSTGRES_URL names one.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.faults.cluster import own_cluster
from tests.faults.scenario import CannotRun

CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ROOM = {"max_connections": "200", "shared_buffers": "128MB", "max_wal_size": "2GB"}


def main(arguments: list[str]) -> int:
    """Run pytest with these arguments; its exit status, or 2 where there is no PostgreSQL."""
    if "TEST_POSTGRES_URL" in os.environ:
        return _test(arguments, {})
    try:
        with own_cluster(**CARELESS, **ROOM) as cluster:
            return _test(arguments, {"TEST_POSTGRES_URL": cluster.url})
    except CannotRun as reason:
        print(f"{reason}; TEST_POSTGRES_URL may name a server", file=sys.stderr)
        return 2


def _test(arguments: list[str], env: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(
        command, env={**os.environ, "TEST_DATABASE": "postgresql", **env}, check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
