"""Changing the stored editions: loading files and workbooks as drafts, putting one in force.

An edition that is published, or that a round uses, never changes again: another content needs another
version number.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, exists, select, update

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.changed import rows_changed
from survey_app.core.db import session
from survey_app.core.vietnamese import clean
from survey_app.frameworks import loader, queries
from survey_app.frameworks.lock import Locked, read_lock
from survey_app.frameworks.models import ARCHIVED, DRAFT, PUBLISHED, Framework, FrameworkVersion
from survey_app.frameworks.ports import round_uses
from survey_app.frameworks.queries import VersionRow
from survey_app.rules.canonical import canonical_json, sha256_of
from survey_app.rules.errors import N_, BadInput, RuleError
from survey_app.rules.framework import Framework as PureFramework
from survey_app.rules.plain import plain_framework

CRITERIA = Path(__file__).resolve().parents[2] / "criteria"  # the sets that come with the program
LONGEST_DECISION = 255


class EditionFixed(RuleError):
    """The edition is in force, or a round uses it: its content stays as it is."""

    message = N_(
        "Phiên bản %(key)s đã khóa hoặc đã có đợt đánh giá sử dụng nên giữ nguyên nội dung. "
        "Hãy đặt số phiên bản mới cho nội dung đã sửa."
    )


class NotDraft(RuleError):
    """Only a draft can be put in force."""

    message = N_("Phiên bản này không còn là bản nháp nên không khóa lại được.")


class CannotDelete(RuleError):
    """Only an imported draft that no round uses can be deleted."""

    message = N_("Chỉ xóa được bản nháp nhập từ Excel mà chưa đợt đánh giá nào dùng.")


class NoDecision(BadInput):
    """An edition is put in force by a decision; without one it stays a draft."""

    message = N_("Hãy ghi số, ngày và cơ quan của quyết định ban hành (nhiều nhất %(limit)s ký tự).")


LOCK_DIFFERS = "Nội dung %(key)s khác với bản đã khóa trong published.lock nên chưa đưa vào áp dụng."
LOCK_MISSING = "published.lock nêu %(key)s nhưng không có tệp của phiên bản này."


@dataclass
class ImportReport:
    """What a load of the criteria folder did: editions ("pho-thong/0.2") by what became of them."""

    loaded: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    faults: list[loader.FileFault] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """True when nothing was refused and no file has a fault."""
        return not self.refused and not self.faults

    def lines(self) -> list[str]:
        """What a person at the command line should know, a line each."""
        return [
            *(f"Đã nạp {key}." for key in self.loaded),
            *(f"Đã đưa {key} vào áp dụng." for key in self.published),
            *(f"Giữ nguyên {key}." for key in self.unchanged),
            *self.problems(),
        ]

    def problems(self) -> list[str]:
        """What was refused and every fault, a line each."""
        return [*self.refused, *map(str, self.faults)]


def import_criteria_folder(path: Path, *, now: datetime) -> ImportReport:
    """Bring the stored editions up to date with the files of `path`; may run at every start.

    Files whose digest is known are not read. A set with a fault is left out, a changed file of a fixed
    edition is refused (both are in the report); editions named in published.lock are put in force.
    """
    report = ImportReport()
    known = queries.source_digests()
    for folder in loader.find_folders(path):
        digest = loader.digest_of(loader.read_files(folder))
        if known.get((folder.parent.name, folder.name)) == digest:
            report.unchanged.append(f"{folder.parent.name}/{folder.name}")
            continue
        loaded = loader.load_folder(folder)
        report.faults += loaded.faults
        if loaded.framework is not None:
            _import(loaded.framework, digest, report, now)
    _apply_lock(read_lock(path), report, now)
    return report


def _import(framework: PureFramework, digest: str, report: ImportReport, now: datetime) -> None:
    key = f"{framework.code}/{framework.version}"
    try:
        changed = _store(framework, digest, None, now)
    except EditionFixed as error:
        report.refused.append(str(error))
    else:
        (report.loaded if changed else report.unchanged).append(key)


def _apply_lock(locked: tuple[Locked, ...], report: ImportReport, now: datetime) -> None:
    for one in locked:
        row, words = queries.find_version(*one.key), {"key": f"{one.code}/{one.version}"}
        if row is None:
            report.refused.append(LOCK_MISSING % words)
        elif row.sha256 != one.sha256:
            report.refused.append(LOCK_DIFFERS % words)
        elif row.is_draft:
            publish_version(row.id, decision=one.decision, actor=None, now=now)
            report.published.append(row.key)


def create_draft_from_workbook(
    framework: PureFramework, *, actor: Actor | None, now: datetime, source_sha256: str = ""
) -> VersionRow:
    """Store a set read from a workbook as a draft; a draft of the same number that no round uses is replaced.

    `source_sha256` is the digest of the files it was written to, "" when there are none. Raises
    `EditionFixed`.
    """
    _store(framework, source_sha256, actor, now)
    return queries.get_version(framework.code, framework.version)


def is_fixed(row: VersionRow) -> bool:
    """True when the content of an edition never changes again: it is no draft, or a round uses it."""
    return not row.is_draft or bool(round_uses.get().titles([row.id]).get(row.id))


def is_deletable(row: VersionRow) -> bool:
    """True for a draft from a workbook that no round uses; one of the files would be loaded again."""
    from_files = queries.source_digests().get((row.code, row.version), "")
    return not from_files and not is_fixed(row)


def delete_draft(row: VersionRow, *, actor: Actor, now: datetime) -> None:
    """Delete an imported draft, and its set when that was the only edition.

    A round planned meanwhile keeps the row by its foreign key. Raises `CannotDelete`.
    """
    if not is_deletable(row):
        raise CannotDelete()
    version = FrameworkVersion
    done = session.execute(
        delete(version).where(version.id == row.id, version.status == DRAFT, version.sha256 == row.sha256)
    )
    if not rows_changed(done):
        raise CannotDelete()
    left = exists().where(version.framework_id == Framework.id)
    session.execute(delete(Framework).where(Framework.code == row.code, ~left))
    subject = ("FrameworkVersion", str(row.id))
    audit.record(actor, "framework.delete", subject, now=now, old={"key": row.key, "title": row.title.vi})


def _store(framework: PureFramework, source: str, actor: Actor | None, now: datetime) -> bool:
    """Write the content of an edition when it is new or changed; says whether it was."""
    content = plain_framework(framework)
    sha256 = sha256_of(canonical_json(content))
    row = queries.find_version(framework.code, framework.version)
    if row is not None and row.sha256 == sha256:
        if source:
            _update(row, {"source_sha256": source})
        return False
    if row is None:
        version_id = _insert(framework, content, sha256, source, now)
    elif not is_fixed(row):
        _update(row, {"content": content, "sha256": sha256, "source_sha256": source, "loaded_at": now})
        version_id = row.id
    else:
        raise EditionFixed(key=row.key)
    _name(framework)
    audit.record(
        actor,
        "framework.load",
        ("FrameworkVersion", str(version_id)),
        now=now,
        old={"sha256": row.sha256} if row else None,
        new={"key": f"{framework.code}/{framework.version}", "sha256": sha256},
    )
    return True


def _insert(framework: PureFramework, content: object, sha256: str, source: str, now: datetime) -> int:
    home = session.scalar(select(Framework).where(Framework.code == framework.code))
    if home is None:
        home = Framework(code=framework.code, title=framework.title.vi, title_en=framework.title.en)
        session.add(home)
        session.flush()
    version = FrameworkVersion(
        framework_id=home.id,
        version=framework.version,
        status=DRAFT,
        sha256=sha256,
        content=content,
        source_sha256=source,
        loaded_at=now,
    )
    session.add(version)
    session.flush()
    return version.id


def _update(row: VersionRow, values: dict[str, object]) -> None:
    """Change an edition if it is still as it was read. Raises `EditionFixed` when it has moved on."""
    done = session.execute(
        update(FrameworkVersion)
        .where(
            FrameworkVersion.id == row.id,
            FrameworkVersion.status == row.status,
            FrameworkVersion.sha256 == row.sha256,
        )
        .values(values)
    )
    if not rows_changed(done):
        raise EditionFixed(key=row.key)


def _name(framework: PureFramework) -> None:
    """The set is called as its newest edition calls it."""
    newest = max(
        (row.version for row in queries.list_versions() if row.code == framework.code),
        key=queries.version_key,
    )
    if newest == framework.version:
        session.execute(
            update(Framework)
            .where(Framework.code == framework.code)
            .values(title=framework.title.vi, title_en=framework.title.en)
        )


def publish_version(version_id: int, *, decision: str, actor: Actor | None, now: datetime) -> VersionRow:
    """Lock a draft and put it in force by a decision; the edition in force before goes to the archive.

    Rounds that use the older edition keep it. Raises `NoDecision`, `NotDraft`, `NotFound`.
    """
    decision = " ".join(clean(decision).split())
    if not decision or len(decision) > LONGEST_DECISION:
        raise NoDecision(limit=LONGEST_DECISION)
    row = queries.version_row(version_id)
    if not row.is_draft:
        raise NotDraft()
    try:
        _update(row, {"status": PUBLISHED, "decision": decision, "published_at": now})
    except EditionFixed as error:
        raise NotDraft() from error
    for older in queries.list_versions((PUBLISHED,)):
        if older.code == row.code and older.id != row.id:
            _update(older, {"status": ARCHIVED})
    audit.record(
        actor,
        "framework.publish",
        ("FrameworkVersion", str(row.id)),
        now=now,
        new={"key": row.key, "sha256": row.sha256, "decision": decision},
    )
    return queries.version_row(version_id)
