"""The page for people says what the table says."""

from tests.walls.document import PLACE, document


def test_the_page_is_the_one_that_the_table_writes() -> None:
    assert PLACE.read_text(encoding="utf-8") == document(), "run python -m tests.walls"
