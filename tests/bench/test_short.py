"""The parts of the benchmarks that can break, in a short form: what they count, what they notice."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from survey_app.assessments.models import AnswerChange
from survey_app.core.db import unit_of_work
from tests.bench import __main__ as command
from tests.bench import company, holding, logins, scale
from tests.bench.figures import BENCHMARKS, Figure, benchmark, p95
from tests.bench.grounds import POSTGRES, SQLITE, database
from tests.bench.load import Sender, hammer, read_back, sender_at, served
from tests.bench.offered import Line, Step
from tests.bench.saving import cpu_ms
from tests.bench.site import Site, measured_site

both = pytest.mark.parametrize("kind", [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.postgres)])
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.figures.BENCHMARKS", BENCHMARKS.copy())
    monkeypatch.setattr(command, "BENCHMARKS", {})


def asked(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bench", *words])
    return command.main()


def test_every_figure_is_a_line_with_what_it_is_compared_with() -> None:
    line = json.loads(Figure("one", 3.0, "ms", 2.0).line())
    assert line == {"name": "one", "value": 3.0, "unit": "ms", "bare": 2.0, "ratio": 1.5}


def test_the_slow_end_is_what_95_of_100_do_not_exceed() -> None:
    assert p95(range(1, 101)) == 95
    assert p95([7.0]) == 7.0
    assert p95([]) == float("inf")


def test_every_name_is_explained_where_a_newcomer_looks() -> None:
    assert command.__doc__ is not None
    assert [name for name in BENCHMARKS if f"| {name} |" not in command.__doc__] == []


def test_an_unknown_name_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(monkeypatch, "--only", "login_rps,nothing") == 2
    assert "unknown: nothing; known: login_rps, " in capsys.readouterr().err


def test_a_benchmark_without_its_server_is_left_out_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_names: None, tmp_path: Path
) -> None:
    def on_a_server() -> Iterator[Figure]:
        with database(POSTGRES, tmp_path, server=NOWHERE):
            yield Figure("never", 1.0, "ms", 1.0)

    command.BENCHMARKS["needs_one"] = on_a_server
    command.BENCHMARKS["needs_none"] = lambda: Figure("needs_none", 1.0, "ms", 1.0)
    assert asked(monkeypatch) == 0
    told = capsys.readouterr()
    assert "needs_one: left out, no PostgreSQL server answers (TEST_POSTGRES_URL)." in told.err
    assert [json.loads(line)["name"] for line in told.out.splitlines()] == ["needs_none"]


def test_a_name_is_known_once_it_is_declared(no_names: None) -> None:
    run = benchmark("mine")(lambda: Figure("mine", 1.0, "ms", 1.0))
    assert run().name == "mine"


@both
def test_offered_saves_are_answered_and_read_back(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    steps = holding.climb(kind, (5, 10), seconds=1.0, schools=2)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["errors"] for line in told] == [0] * len(steps)
    assert [line["sent"] for line in told] == [5, 10][: len(steps)]


def test_a_step_with_an_error_or_a_slow_end_is_not_held() -> None:
    assert Step(10, [499.0] * 20).held(500.0)
    assert not Step(10, [499.0] * 20, ["503"]).held(500.0)
    assert not Step(10, [499.0] * 18 + [501.0] * 2).held(500.0)
    assert not Step(10).held(500.0)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with measured_site(company.PEOPLE + 4) as made:
        yield made


@pytest.fixture(scope="module")
def port(site: Site) -> Iterator[int]:
    with served("tests.bench.served:app", site, RATELIMIT_ENABLED=False) as number:
        yield number


def test_a_save_that_was_acknowledged_and_is_gone_is_noticed(site: Site, port: int) -> None:
    [sent] = hammer(port, [sender_at(site.app, site.desks[0])], 0.5)
    assert sent.saved > 1 and not sent.refused
    read_back(site, {sent.path: sent.saved})
    with site.app.app_context(), unit_of_work() as session:
        session.execute(delete(AnswerChange).where(AnswerChange.version == sent.saved))
    with pytest.raises(AssertionError, match="acknowledged"):
        read_back(site, {sent.path: sent.saved})


def test_a_refused_save_is_an_error_of_its_step(port: int) -> None:
    line = Line(port, Sender("/assessments/none/answers", "session=none", "none"))
    with pytest.raises(AssertionError, match="40"):
        company.slow_end([line], 5, 0.2)


def test_people_sign_in_again_and_again(site: Site, port: int) -> None:
    people = [logins.comer_at(site.app, desk) for desk in site.desks[1:3]]
    assert logins.sign_in_for(port, people, 0.5) >= 2


def test_a_wrong_password_is_no_sign_in(site: Site, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "PASSWORD", "sai-mat-khau-2027")
    with pytest.raises(AssertionError):
        logins.sign_in_for(port, [logins.comer_at(site.app, site.desks[1])], 0.2)


def test_the_company_signs_in_and_uploads(site: Site, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "PHOTO", (64, 48))
    monkeypatch.setattr(company, "SAVERS", len(site.desks) - company.PEOPLE - 1)
    signed, sent = company.company_at(site, port).keep_busy(0.5)
    assert signed >= company.PEOPLE and sent >= 1


def test_copied_schools_fill_in_like_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "SEATS", 2)
    monkeypatch.setattr(scale, "TIMES", 1)
    with measured_site(1) as site:
        crowd = scale.Crowd(site, 30)
        for rounds in (1, 3):
            crowd.fill(rounds)
            ours, bare = crowd.measure()
            assert ours > bare > 0
        counts = {table: _count(crowd, table) for table in ("participation", "assessment", "answer")}
    assert counts["participation"] == counts["assessment"] == 1 + 3 * 30
    assert counts["answer"] >= 3 * 30 * scale.ANSWERS


def _count(crowd: scale.Crowd, table: str) -> int:
    with scale.opened(crowd.file) as database:
        found: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def test_the_processor_time_of_an_act_is_its_own() -> None:
    assert cpu_ms(lambda: None) < 1 < cpu_ms(lambda: sum(range(200_000)))
