"""The laws of the house hold, and the planted violation of each is caught."""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import laws
from tests.house.planted import ROOT, Violation, plant_all, violations

Check = Callable[[Path], list[str]]
OWN: dict[str, Check] = {
    "law 4": laws.side_files_that_see_the_request,
    "law 6": laws.second_commits,
    "law 8": laws.backrefs,
    "law 10": lambda program: laws.too_long(program, "survey_app"),
    "law 13": laws.inline_parts,
}


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_all(tmp_path_factory.mktemp("planted"))


def contracts(folder: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return re.sub(r"\s+", " ", done.stdout + done.stderr)


def ruff(folder: Path, *paths: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", *paths]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_contracts_are_kept() -> None:
    assert " 0 broken" in contracts(ROOT)


@pytest.fixture(scope="session")
def broken(planted: Path) -> str:
    return contracts(planted)


IMPORTS = [violation for violation in violations() if not violation.law.startswith("law")]
OTHERS = [violation for violation in violations() if violation.law in OWN]


def name_of(violation: Violation) -> str:
    return violation.source.stem


@pytest.mark.parametrize("violation", IMPORTS, ids=name_of)
def test_a_planted_import_breaks_its_contract(violation: Violation, broken: str) -> None:
    assert f"{violation.law} BROKEN" in broken
    assert violation.module in broken or violation.module.rpartition(".")[2] in broken


@pytest.mark.parametrize("law", OWN)
def test_a_law_of_our_own_is_kept(law: str) -> None:
    assert OWN[law](ROOT) == []


@pytest.mark.parametrize("violation", OTHERS, ids=name_of)
def test_a_planted_violation_breaks_its_law(violation: Violation, planted: Path) -> None:
    place = violation.target.removeprefix("survey_app/").removesuffix(".py")
    assert any(place in line for line in OWN[violation.law](planted))


def test_the_only_clock_is_kept_and_a_planted_one_is_caught(planted: Path) -> None:
    assert ruff(ROOT, "survey_app") == "All checks passed!\n"
    assert re.search(
        r"planted_clock\.py:\d+:\d+: (TID251|DTZ005)",
        ruff(planted, "survey_app/organisations/planted_clock.py"),
    )


def test_what_is_too_long_or_in_another_form_is_named(tmp_path: Path) -> None:
    room = tmp_path / "survey_app" / "room"
    room.mkdir(parents=True)
    (room / "queries.py").write_text("x = 1\n" * laws.LONGEST_FILE, encoding="utf-8")
    (room / "service.py").write_text("def act():\n" + "    pass\n" * laws.LONGEST_FUNCTION, encoding="utf-8")
    (room / "page.html").write_text("<p>\n" * laws.LONGEST_TEMPLATE, encoding="utf-8")
    (room / "page.js").write_text("//\n" * laws.LONGEST_SCRIPT, encoding="utf-8")
    (room / "words.md").write_text(unicodedata.normalize("NFD", "Trường"), encoding="utf-8")
    assert laws.too_long(tmp_path, "survey_app") == [
        "survey_app/room/queries.py: 401 lines",
        "survey_app/room/service.py:1 act: 41 lines",
    ]
    assert [line.partition(":")[0] for line in laws.long_pages(tmp_path)] == [
        "survey_app/room/page.html",
        "survey_app/room/page.js",
    ]
    assert laws.not_nfc(tmp_path) == ["survey_app/room/words.md"]


def test_tests_obey_the_limits_too() -> None:
    assert laws.too_long(ROOT, "tests") == []


def test_pages_and_scripts_stay_short() -> None:
    assert laws.long_pages(ROOT) == []


def test_every_text_is_in_the_one_stored_form() -> None:
    assert laws.not_nfc(ROOT) == []
