"""How many answers are saved a second, and what one costs, beside a Flask route that does nothing."""

import statistics
import time
from collections.abc import Callable

from flask.testing import FlaskClient

from survey_app.assessments.models import Answer, Assessment
from survey_app.core.db import session
from tests.bench import bare
from tests.bench.client import cookie_of, signed_in
from tests.bench.figures import Figure, benchmark, in_turn
from tests.bench.load import Sender, Sent, hammer, served
from tests.bench.site import Site, measured_site

SAVES = 150
SENDERS = 8
SECONDS = 6.0


@benchmark("autosave_cpu_ms")
def autosave_cpu_ms() -> Figure:
    """Processor milliseconds of one save inside the server, session and permission check included."""
    with measured_site(1) as site:
        client, token = signed_in(site.app, site.desks[0].login)
        save = saver(client, f"/assessments/{site.desks[0].form}/answers", token)
        plain = bare.app.test_client()
        save()  # the first one fills the caches
        value, empty = in_turn(lambda: _cpu_ms(save), lambda: _cpu_ms(lambda: plain.post("/bare")))
    return Figure("autosave_cpu_ms", value, "ms", empty)


def saver(client: FlaskClient, path: str, token: str) -> Callable[[], None]:
    """A function that saves the next version of one answer each time it is called."""
    state = {"version": 0}

    def save() -> None:
        number = state["version"]
        fields = {"indicator": "LM4.1", "site": 0, "value": number % 4, "comment": f"Lần {number}"}
        more = {"base_version": number, "key": f"bench-{number}", "csrf_token": token}
        answer = client.post(path, data={**fields, **more}, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        state["version"] = number + 1

    return save


def _cpu_ms(act: Callable[[], object]) -> float:
    spent = []
    for _ in range(SAVES):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return 1000 * statistics.median(spent)


@benchmark("autosave_rps")
def autosave_rps() -> Figure:
    """Acknowledged saves a second through one web process as `make run` starts it; each is read back."""
    with measured_site(SENDERS) as site:
        senders = [_sender(site, place) for place in range(SENDERS)]
        with served("tests.bench.served:app", site.folder) as port:
            found = hammer(port, senders, SECONDS)
        _read_back(site, found)
    blank = [Sender("/bare", "", "") for _ in range(SENDERS)]
    with served("tests.bench.bare:app") as port:
        empty = hammer(port, blank, SECONDS)
    return Figure("autosave_rps", _rate(found), "saves/s", _rate(empty))


def _sender(site: Site, place: int) -> Sender:
    desk = site.desks[place]
    client, token = signed_in(site.app, desk.login)
    return Sender(f"/assessments/{desk.form}/answers", cookie_of(client), token)


def _rate(sent: list[Sent]) -> float:
    return sum(one.saved for one in sent) / SECONDS


def _read_back(site: Site, sent: list[Sent]) -> None:
    """Every acknowledged save is in the database, and none twice: an answer's version counts them."""
    with site.app.app_context():
        for one in sent:
            form = session.query(Assessment.id).filter_by(uid=one.path.split("/")[2]).scalar()
            stored = session.query(Answer.version).filter_by(assessment_id=form, indicator="LM4.1").scalar()
            assert one.refused == 0 and stored == one.saved, (one.path, one.refused, one.saved, stored)
