"""`python -m tests.walls` writes docs/authorisation.md anew from the table."""

from tests.walls.document import PLACE, document

PLACE.write_text(document(), encoding="utf-8")
print(f"{PLACE}: {len(document().splitlines())} lines")
