"""Wherever a school's head stands, the page says which authority to ask, who answers there and the number."""

from html import unescape

from tests.walls.conftest import Walls
from tests.walls.doors import knock
from tests.walls.test_statements import ACTOR, pages_of_a_school
from tests.walls.world import WHOM_TO_ASK

KEPT_FOR_ANYBODY = "/outline/"  # opens without a network for whoever sits there: it names nobody


def test_every_page_of_a_school_says_whom_to_call(walls: Walls) -> None:
    name, phone = WHOM_TO_ASK["contact_name"], WHOM_TO_ASK["contact_phone"]
    silent, spoken = [], 0
    for path in pages_of_a_school(walls):
        answer = knock(walls.app, walls.keys[ACTOR], "GET", path)
        if answer.mimetype != "text/html" or answer.status_code == 302 or KEPT_FOR_ANYBODY in path:
            continue
        page = unescape(answer.get_data(as_text=True))
        said = all(words in page for words in ("Phường Gần", name, f'<a href="tel:{phone}">{phone}</a>'))
        silent += [] if said else [path]
        spoken += said
    assert silent == [] and spoken > 100
