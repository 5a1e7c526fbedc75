"""Loading the country: departments through the services, schools and forms in bulk, one part a transaction.

Every part notes in its own transaction that it is written, so that a load which was broken off goes on where
it stopped when it is asked for again with the same numbers.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Table, func, select

from survey_app.core.db import Base, pouring, session, settle_poured, unit_of_work
from survey_app.demo.build import Settings
from survey_app.demo.country import departments
from survey_app.demo.country.parts import FORMS, PEOPLE, SCHOOLS, Part, chunks
from survey_app.demo.country.places import Province, share_schools
from survey_app.demo.country.scene import Bases, FormSet, Picture, Scene
from survey_app.demo.country.schools import spots_of
from survey_app.demo.country.tables import NUMBERED, as_json, pour_rows
from survey_app.demo.country.workshop import make_in_order
from survey_app.demo.models import DemoMark, DemoPart
from survey_app.demo.pictures import Album
from survey_app.demo.queries import done_parts, find_mark
from survey_app.demo.terms import latest_sets
from survey_app.frameworks import service as frameworks
from survey_app.frameworks.queries import get_framework

Say = Callable[[str], None]
Deed = Callable[[], Any]
DEPARTMENT, BASES, OPENED, PUBLISHED = "department", "bases", "opened", "published"


@dataclass(frozen=True)
class Load:
    """One country to be written. `processes` make the rows beside this one, which writes them (0: none)."""

    settings: Settings
    provinces: Sequence[Province]
    album: Album
    base_url: str
    processes: int
    say: Say

    def run(self) -> None:
        """Write everything that is not written yet."""
        with pouring():
            self._run()

    def _run(self) -> None:
        self._begin()
        done = done_parts()
        shares = share_schools(self.provinces, self.settings.schools)
        for place, (province, schools) in enumerate(zip(self.provinces, shares, strict=True)):
            found = partial(departments.found_department, self.settings, province, place, schools)
            self._do(done, f"{DEPARTMENT}-{province.code}", found)
        self._do(done, BASES, _highest_keys)
        scene = self._scene(done, shares)
        self._write(scene, done)
        self._finish()

    def _begin(self) -> None:
        if find_mark() is None:
            with unit_of_work():
                session.add(self.settings.mark(finished_at=None))
                frameworks.import_criteria_folder(frameworks.CRITERIA, now=self.settings.now)

    def _do(self, done: dict[str, Any], key: str, deed: Deed) -> None:
        """Do one part in a transaction of its own, unless it is done."""
        if key in done:
            return
        with unit_of_work():
            done[key] = deed()
            session.add(DemoPart(key=key, facts=done[key], at=self.settings.now))

    def _scene(self, done: dict[str, Any], shares: Sequence[int]) -> Scene:
        """What the parts are made from, read back from what the services wrote."""
        settings, found, rounds = self.settings, [], []
        first = communes = 0
        with unit_of_work():
            for province, schools in zip(self.provinces, shares, strict=True):
                facts = done[f"{DEPARTMENT}-{province.code}"]
                found.append(departments.department_of(facts, province, first, schools, communes))
                rounds.append(departments.round_facts(settings, facts))
                first, communes = first + schools, communes + len(found[-1].communes)
            sets = [
                FormSet(key, get_framework(key), frozenset(stages)) for key, stages in latest_sets().items()
            ]
        return Scene(
            settings.seed,
            settings.schools,
            settings.founded,
            settings.now,
            settings.password_hash,
            tuple(found),
            tuple(zip(*rounds, strict=True)),
            tuple(sets),
            _pictures(self.album),
            Bases(**done[BASES]),
        )

    def _write(self, scene: Scene, done: dict[str, Any]) -> None:
        """Every part in order; what is made elsewhere comes in as it is ready."""
        steps = [step for step in _steps(scene) if step.key not in done]
        made = make_in_order(scene, (step for step in steps if isinstance(step, Part)), self.processes)
        progress = Progress(scene, len(steps), self.say)
        for step in steps:
            if isinstance(step, Part):
                part, rows = next(made)
                assert part == step
                self._do(done, step.key, partial(pour_rows, rows))
            else:
                self._do(done, step.key, partial(self._mark, scene, step))
            progress.note(step)

    def _mark(self, scene: Scene, step: "Turn") -> None:
        department, facts = scene.departments[step.department], scene.rounds[step.round][step.department]
        if step.what == OPENED:
            spots = spots_of(scene, department)
            forms = sum(len(scene.sets_of(spot.kind.stages)) for spot in spots)
            departments.open_round(department, facts, [spot.unit_id for spot in spots], forms_made=forms)
            return
        # Where pages are looked at most, everybody who earned a certificate has one.
        largest = max(scene.departments, key=lambda one: one.schools)
        large = department in (scene.departments[0], largest)
        departments.publish_round(
            department,
            facts,
            seed=scene.seed,
            everybody=large and facts.back == 1,
            base_url=self.base_url,
        )

    def _finish(self) -> None:
        with unit_of_work():
            settle_poured(Base.metadata.tables[name] for name in NUMBERED)
            session.scalars(select(DemoMark)).one().finished_at = self.settings.now


class Turn(NamedTuple):
    """A turn in the life of one round: OPENED or PUBLISHED."""

    what: str
    round: int
    department: int

    @property
    def key(self) -> str:
        """What it is remembered by once it is done."""
        return f"{self.what}-{self.round}-{self.department}"


def _steps(scene: Scene) -> Iterator[Part | Turn]:
    """Everything in the order in which it is written: schools first, then one round after the other."""
    for place, department in enumerate(scene.departments):
        yield Part(PEOPLE, place)
        yield from chunks(SCHOOLS, place, department.schools)
    for number, rounds in enumerate(scene.rounds):
        for place, department in enumerate(scene.departments):
            yield Turn(OPENED, number, place)
            yield from chunks(FORMS, place, department.schools, number)
            if rounds[place].published_at:
                yield Turn(PUBLISHED, number, place)


def _highest_keys() -> dict[str, int]:
    tables = (
        ("unit", "organisation_unit"),
        ("site", "site"),
        ("user", "user_account"),
        ("participation", "participation"),
        ("assessment", "assessment"),
        ("answer", "answer"),
        ("file", "evidence_file"),
        ("given_back", "assessment_return"),
    )
    return {name: _highest(Base.metadata.tables[table]) for name, table in tables}


def _highest(table: Table) -> int:
    return session.scalar(select(func.max(table.c.id))) or 0


def _pictures(album: Album) -> dict[str, tuple[str, tuple[Picture, ...]]]:
    titles = album.titles()
    return {
        subject: (
            titles[subject],
            tuple(
                Picture(
                    kept.intake.kind,
                    kept.intake.file_name,
                    kept.intake.media_type,
                    kept.size,
                    kept.stored_bytes,
                    kept.sha256,
                    kept.intake.source_sha256,
                    kept.thumb,
                    as_json(list(kept.pages)),
                    kept.intake.captured_on.isoformat() if kept.intake.captured_on else None,
                )
                for kept in files
            ),
        )
        for subject, files in album.kept.items()
    }


class Progress:
    """Tells how far the writing is, department by department."""

    def __init__(self, scene: Scene, steps: int, say: Say) -> None:
        self.scene, self.steps, self.say = scene, steps, say
        self.done, self.told, self.started = 0, "", time.monotonic()

    def note(self, step: Part | Turn) -> None:
        """One more step is written."""
        self.done += 1
        of_round = isinstance(step, Turn) or step.kind == FORMS
        words = f"đợt {step.round + 1}/{len(self.scene.rounds)}" if of_round else "trường và tài khoản"
        line = f"{100 * self.done // self.steps:3}%  {words}, {self.scene.departments[step.department].name}"
        if line != self.told:
            self.told = line
            self.say(f"{line} ({time.monotonic() - self.started:.0f} giây)")
