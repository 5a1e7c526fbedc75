"""What one person costs the server who fills in a whole form of the general set, sign-in to handing in."""

import re
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from survey_app.accounts.models import User
from survey_app.accounts.passwords import Hashing
from survey_app.core.db import session, unit_of_work
from tests.bench import bare
from tests.bench.client import token_in
from tests.bench.figures import Figure, benchmark, in_turn
from tests.bench.site import PASSWORD, Desk, Site, measured_site, real_set

TIMES = 5
FORM = re.compile(r'<form id="[^"]+-\d+" method="post".*?</form>', re.S)
HIDDEN = re.compile(r'<input type="hidden" name="(indicator|site|base_version)" value="([^"]*)"')
LEVEL = re.compile(r'name="value" value="(\d+)"')
HEADERS = {"Accept": "application/json"}
REMARK = "Có biên bản kiểm tra, sổ theo dõi và ảnh chụp trong năm học này."


@dataclass
class Respondent:
    """A browser at work; `spent` is the processor time of each kind of request inside the server."""

    client: FlaskClient
    desk: Desk
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    requests: int = 0
    answers: int = 0

    def send(self, kind: str, method: str, path: str, status: int = 200, **more: object) -> TestResponse:
        """One request; its answer must have the status."""
        start = time.process_time()
        answer = self.client.open(path, method=method, **more)  # type: ignore[arg-type]
        self.spent[kind] += time.process_time() - start
        self.requests += 1
        assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[:500])
        return answer

    def page(self, kind: str, path: str) -> str:
        """One page."""
        return self.send(kind, "GET", path).get_data(as_text=True)

    def fill_in(self) -> None:
        """Everything a person does: sign in, answer page by page, confirm, check, hand in."""
        token = token_in(self.page("sign in", "/account/login"))
        fields = {"csrf_token": token, "login": self.desk.login, "password": PASSWORD}
        self.send("sign in", "POST", "/account/login", 302, data=fields)
        root = f"/assessments/{self.desk.form}"
        self.page("pages", root)
        for code in real_set().criteria:
            self._answer_page(root, self.page("pages", f"{root}/fill/{code}"))
        veto = self.page("pages", f"{root}/veto")
        said = {"answer": real_set().veto_answers[0].code, "csrf_token": token_in(veto)}
        self.send("hand in", "POST", f"{root}/veto", 302, data=said)
        check = self.page("pages", f"{root}/check")
        signed = {"signatory": "Nguyễn Thị Mẫu", "agreed": "y", "csrf_token": token_in(check)}
        self.send("hand in", "POST", f"{root}/submit", 302, data=signed)

    def _answer_page(self, root: str, page: str) -> None:
        token = token_in(page)
        for form in FORM.findall(page):
            levels = LEVEL.findall(form)
            self.answers += 1
            fields = dict(HIDDEN.findall(form)) | {"value": levels[-1], "comment": REMARK}
            fields |= {"key": f"{self.desk.form[:8]}-{self.answers}", "csrf_token": token}
            self.send("answers", "POST", f"{root}/answers", data=fields, headers=HEADERS)


@benchmark("respondent_cpu_s")
def respondent_cpu_s() -> Figure:
    """Processor seconds of one whole form over HTTP; bare: as many requests to an empty Flask route."""
    with measured_site(TIMES + 1) as site:
        _real_passwords(site)
        people = iter(Respondent(site.app.test_client(), desk) for desk in site.desks)
        one = next(people)
        one.fill_in()  # the first one fills the caches
        done: list[Respondent] = []
        plain = bare.app.test_client()
        value, empty = in_turn(lambda: _whole(next(people), done), lambda: _empty(plain, one.requests), TIMES)
    middle = sorted(done, key=lambda person: sum(person.spent.values()))[len(done) // 2]
    parts = ", ".join(f"{kind} {seconds:.3f}" for kind, seconds in middle.spent.items())
    print(f"{middle.requests} requests, {middle.answers} answers: {parts}", file=sys.stderr, flush=True)
    return Figure("respondent_cpu_s", value, "s", empty)


def _whole(person: Respondent, done: list[Respondent]) -> float:
    person.fill_in()
    done.append(person)
    return sum(person.spent.values())


def _empty(plain: FlaskClient, requests: int) -> float:
    start = time.process_time()
    for _ in range(requests):
        plain.post("/bare")
    return time.process_time() - start


def _real_passwords(site: Site) -> None:
    """The stock's passwords are hashed fast; a real sign-in is not."""
    with site.app.app_context(), unit_of_work():
        hashed = Hashing("x" * 40).hash(PASSWORD)
        session.execute(update(User).values(password=hashed))
