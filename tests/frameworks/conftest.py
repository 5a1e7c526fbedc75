"""What the tests of the room share: no round uses anything unless a test says so."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pytest

from survey_app.frameworks.ports import RoundUses, round_uses


class FakeRounds:
    """Rounds by the edition they use."""

    def __init__(self) -> None:
        self.by_version: dict[int, list[str]] = {}

    def titles(self, version_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
        return {key: titles for key, titles in self.by_version.items() if key in version_ids}


@pytest.fixture
def rounds(app: object) -> Iterator[FakeRounds]:
    """Rounds the test puts in place of the real ones (after the app was made)."""
    real: RoundUses = round_uses.get()
    fake = FakeRounds()
    round_uses.plug(fake)
    yield fake
    round_uses.plug(real)
