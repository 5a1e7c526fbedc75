"""What the scenarios keep for each other goes with the session: worker processes may skip `atexit`."""

from collections.abc import Iterator

import pytest

from tests.faults import ground, nursery


@pytest.fixture(autouse=True, scope="session")
def kept() -> Iterator[None]:
    """Throw away processes and databases at the end."""
    yield
    nursery.forget()
    ground.forget()
