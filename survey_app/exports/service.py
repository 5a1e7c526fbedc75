"""Asking for a workbook, making it, letting it go after a week."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.core.db import session
from survey_app.core.filters import write_school_year
from survey_app.documents.xlsx import Sheet, write_book
from survey_app.exports import queries
from survey_app.exports.codebook import code_sheet, indicator_codebook
from survey_app.exports.heading import Heading, letterhead_of, scope_words, signatures_of
from survey_app.exports.kinds import KEPT_DAYS, KIND_NAMES, Kind, file_name
from survey_app.exports.models import ExportFile
from survey_app.exports.store import export_store
from survey_app.exports.workbook import indicator_sheet, school_sheet, unmet_sheet, ward_sheet
from survey_app.frameworks.queries import get_framework
from survey_app.jobs.service import enqueue
from survey_app.organisations.models import DEPARTMENT
from survey_app.results.queries import OverviewFilter, completion_by_ward, value_counts
from survey_app.rounds.models import Round
from survey_app.rounds.queries import RoundSet, round_frameworks
from survey_app.rules.errors import N_, RuleError
from survey_app.rules.framework import Framework

JOB = "exports.round"
KEEP_UNNAMED = timedelta(days=1)  # a file is stored before its row names it: the sweep leaves it a day


class NothingToExport(RuleError):
    """No form of the round meets the filter (409)."""

    message = N_("Không có trường nào khớp điều kiện đã chọn nên không có gì để xuất. Hãy bớt điều kiện.")


def request_export(
    round_: Round, kind: Kind, wanted: OverviewFilter, *, coded: bool, actor: Actor, now: datetime
) -> ExportFile:
    """Ask for a workbook of what the actor sees of a round; its job commits with it.

    Raises `NothingToExport`.
    """
    schools, forms = queries.count_schools(actor, round_.id, wanted)
    if not schools:
        raise NothingToExport()
    file = ExportFile(
        round_id=round_.id,
        unit_id=actor.unit_id,
        kind=kind,
        coded=coded,
        wanted=asdict(wanted),
        file_name=file_name(kind, round_.school_year, local_date(now)),
        rows=forms,
        requested_by_id=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=KEPT_DAYS),
    )
    session.add(file)
    session.flush()
    label = f"Xuất Excel: {KIND_NAMES[kind]}, {round_.title}"[:255]
    file.job_uid = enqueue(JOB, {"export": file.id}, label=label, actor=actor, now=now).uid
    new = {"round": round_.uid, "kind": kind, "coded": coded} | asdict(wanted)
    audit.record(actor, "export.make", file, now=now, new=new)
    return file


def write_export(file: ExportFile, target: Path, *, actor: Actor, now: datetime) -> None:
    """Write the workbook of a request to `target`, rows streaming from the database. Reads only.

    Memory: one chunk of rows, whatever the size of the round.
    """
    title = f"{KIND_NAMES[Kind(file.kind)]}: {file.round.title}"
    write_book(_sheets(file, actor, now), title=title, now=now, target=target)


def _sheets(file: ExportFile, actor: Actor, now: datetime) -> Iterator[Sheet]:
    kind, wanted = Kind(file.kind), OverviewFilter(**file.wanted)
    used = [one for one in round_frameworks(file.round_id) if wanted.version_id in (None, one.version_id)]
    sets = {one.version_id: get_framework(one.version_id) for one in used}
    heading = _heading(file, wanted, used, actor, now)
    called = names_of_sets(sets.values())
    if kind in (Kind.WARDS, Kind.FULL):
        counts = completion_by_ward(actor, file.round_id, wanted)
        levels = queries.levels_by_ward(actor, file.round_id, wanted)
        rows = {(ward.uid, ward.name): done for ward, done in counts.items()}
        yield ward_sheet(heading, rows, levels, bands_of(sets.values()))
        names = {ward.uid: ward.name for ward in counts}
        for place, (version_id, framework) in enumerate(sets.items()):
            counted = value_counts(actor, file.round_id, replace(wanted, version_id=version_id))
            name = f"Chưa đạt {called[place]}".strip()
            yield unmet_sheet(heading, name, framework, names, counted)
    if kind in (Kind.SCHOOLS, Kind.FULL):
        forms = queries.stream_forms(actor, file.round_id, wanted)
        with_names = actor.unit_kind == DEPARTMENT
        yield school_sheet(heading, forms, sets, coded=file.coded, with_names=with_names)
    if kind in (Kind.INDICATORS, Kind.FULL):
        for place, (version_id, framework) in enumerate(sets.items()):
            of_set = replace(wanted, version_id=version_id)
            values = queries.stream_values(actor, file.round_id, of_set, framework)
            name = f"Chi tiết {called[place]}".strip()
            yield indicator_sheet(heading, name, framework, values, coded=file.coded)
        yield indicator_codebook(heading, sets.values())
    if kind is Kind.FULL or file.coded:
        yield code_sheet(heading, sets.values())


def names_of_sets(frameworks: Collection[Framework]) -> list[str]:
    """What follows the name of a set's own sheet: nothing for one set, whom it is for, else its place."""
    if len(frameworks) == 1:
        return [""]
    for_whom = [_for_whom({stage.code for stage in one.stages}) for one in frameworks]
    if all(for_whom) and len(set(for_whom)) == len(for_whom):
        return for_whom
    return [str(place) for place in range(1, len(frameworks) + 1)]


def _for_whom(stages: set[str]) -> str:
    return "mầm non" if stages == {"mam_non"} else "" if "mam_non" in stages else "phổ thông"


def bands_of(frameworks: Iterable[Framework]) -> dict[str, str]:
    """{code: name} of the levels of several sets; one name for a code, in the order they first appear."""
    bands: dict[str, str] = {}
    for framework in frameworks:
        for band in framework.bands:
            bands.setdefault(band.code, band.name.vi)
    return bands


def _heading(
    file: ExportFile, wanted: OverviewFilter, used: Sequence[RoundSet], actor: Actor, now: datetime
) -> Heading:
    is_department = actor.unit_kind == DEPARTMENT
    return Heading(
        letterhead_of(actor.unit_name, is_department=is_department),
        signatures_of(is_department=is_department),
        file.round.title,
        write_school_year(file.round.school_year),
        scope_words(wanted, ward_name=queries.ward_name(wanted.ward_uid)),
        tuple(f"{one.title}, phiên bản {one.version}" for one in used),
        now,
        any(one.is_draft for one in used),
    )


def set_made(file: ExportFile, digest: str, size: int, *, now: datetime) -> ExportFile:
    """Note that the workbook lies in the store; it may be fetched for a week from now."""
    file.sha256, file.size, file.made_at = digest, size, now
    file.expires_at = now + timedelta(days=KEPT_DAYS)
    session.flush()
    return file


def let_go_of_expired(*, now: datetime) -> int:
    """Forget the bytes of the files that have run out; returns how many. The store is swept afterwards."""
    expired = queries.expired_files(now)
    for file in expired:
        file.sha256 = None
    session.flush()
    return len(expired)


def sweep_files(*, now: datetime) -> int:
    """Remove the stored files that may not be fetched any more; returns how many."""
    return export_store().sweep(queries.wanted_digests(now), before=now - KEEP_UNNAMED)
