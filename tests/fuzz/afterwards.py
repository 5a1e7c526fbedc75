"""After a run: do the work that was ordered, read every page, open a workbook; nothing of it may be alive."""

import io
import re
import zipfile
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import select, update

from survey_app.core import logs
from survey_app.core.db import session, unit_of_work
from survey_app.exports.models import ExportFile
from survey_app.exports.store import export_store
from survey_app.rounds.models import Participation
from survey_app.rules.permissions import Role
from tests.factories.jobs import run_queued_jobs
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.pages import PageForm
from tests.fuzz.seats import Seat
from tests.fuzz.values import FORMULAS, MARK

_FORMULA = re.compile(r"<f\b[^>]*>(.*?)</f>", re.DOTALL)
_LIVE = re.compile(rf"{MARK}|HYPERLINK|cmd|DDE|http", re.IGNORECASE)


def look_afterwards(fuzzer: Fuzzer, *, same_kind: int = 30, most_pages: int = 600) -> list[str]:
    """What is wrong with what the run has stored, a line each; live markup is added to the report as well."""
    admin = next(seat for seat in fuzzer.seats if seat.name == Role.DEPARTMENT_ADMIN)
    faults = list(_do_the_work(fuzzer.app))
    before = len(fuzzer.report.live), len(fuzzer.report.crashes)
    fuzzer.most_pages, fuzzer.same_kind = most_pages, same_kind
    admin.sit(fuzzer.app, fuzzer.client)
    fuzzer.starts.append("/exports/new")
    forms = fuzzer.read_pages(admin)
    if (len(fuzzer.report.live), len(fuzzer.report.crashes)) != before:
        faults.append("the administrator met what the run has stored: see LIVE and CRASH above")
    return faults + list(_look_at_a_workbook(fuzzer, admin, forms))


def _do_the_work(app: Flask) -> Iterator[str]:
    failures: list[BaseException] = []
    before = list(logs._reporters)
    logs.report_to(failures.append)
    try:
        run_queued_jobs(app)
    finally:
        logs.report_to(*before)
    yield from (f"a job crashed: {error!r}" for error in failures)


def _look_at_a_workbook(fuzzer: Fuzzer, admin: Seat, forms: list[PageForm]) -> Iterator[str]:
    with fuzzer.app.app_context(), unit_of_work():
        for number, part in enumerate(session.scalars(select(Participation.id)).all()):
            name = FORMULAS[number % len(FORMULAS)].strip()
            session.execute(update(Participation).where(Participation.id == part).values(unit_name=name))
    form = next((one for one in forms if one.action.startswith("/exports/new")), None)
    if form is None:
        yield "no form that asks for a workbook was found"
        return
    fields = {name: values[0] for name, values in form.fields.items() if values} | {"kind": "full"}
    answer = fuzzer.client.post(form.action, data=fields)
    if answer.status_code != 302:
        yield f"the workbook was refused: {answer.status_code}"
        return
    yield from _do_the_work(fuzzer.app)
    with fuzzer.app.app_context():
        file = session.scalars(select(ExportFile).order_by(ExportFile.id.desc())).first()
        book = export_store().path(file.sha256).read_bytes() if file and file.sha256 else None
    if book is None:
        yield "the workbook was not made"
        return
    if not holds_typed_formulas(book):
        yield "the workbook holds nothing that was typed, so it shows nothing"
    yield from (f"a live formula in the workbook: {formula}" for formula in live_formulas(book))


def _parts(book: bytes, *names: str) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            if any(part in name for part in names):
                yield archive.read(name).decode()


def live_formulas(book: bytes) -> list[str]:
    """Formulas and links of a workbook that somebody typed: our own only add up cells of their sheet."""
    sheets = list(_parts(book, "/worksheets/sheet"))
    return [formula for sheet in sheets for formula in _FORMULA.findall(sheet) if _LIVE.search(formula)]


def holds_typed_formulas(book: bytes) -> bool:
    """True when a cell shows a formula of ours as text."""
    parts = list(_parts(book, "/worksheets/sheet", "sharedStrings"))
    return any(formula.strip() in part for formula in FORMULAS for part in parts)
