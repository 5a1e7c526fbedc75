"""Changing a unit's store: adding files and links, their details, hiding by the authority, deleting."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.clock import local_date
from survey_app.core.db import savepoint, session, survive
from survey_app.core.vietnamese import fold
from survey_app.evidence import queries
from survey_app.evidence.details import Details, check_details, check_link, details_of
from survey_app.evidence.intake import Intake, take_in
from survey_app.evidence.kinds import LINK
from survey_app.evidence.models import EvidenceFile
from survey_app.evidence.names import clean_stem
from survey_app.evidence.ports import uses
from survey_app.evidence.refusals import FileChanged, FileInUse, HiddenFile, StoreQuotaReached
from survey_app.evidence.scanning import Infected, scanner
from survey_app.evidence.store import EvidenceStore, evidence_store
from survey_app.notices.service import notify
from survey_app.rounds.school_years import school_year_at
from survey_app.rules.errors import NotAllowed

KEEP_UNNAMED = timedelta(days=1)  # a file is stored before its row: the sweep leaves it a day


@dataclass(frozen=True)
class Kept:
    """An intake whose bytes lie in the store under their digests; no row names them yet."""

    intake: Intake
    sha256: str
    thumb: str | None
    pages: tuple[str, ...]
    size: int
    stored_bytes: int


def receive(stream: IO[bytes], name: str, *, most: int, actor: Actor, now: datetime) -> Intake:
    """Take an upload in as `intake.take_in`, past the malware scanner where there is one. Slow.

    What the scanner found stays in the audit trail although the upload is refused; the bytes are not kept.
    """
    try:
        return take_in(stream, name, most=most, scanner=scanner())
    except Infected as found:
        new = {"signature": found.signature, "file": clean_stem(name)[:120]}
        subject = ("EvidenceFile", "refused")

        def note() -> None:
            audit.record(actor, "evidence.malware", subject, now=now, new=new, outcome="denied")

        survive(note)
        raise


def keep(intake: Intake) -> Kept:
    """Write the bytes of an intake to the store. Slow (fsync): call it before `begin_write()`.

    Raises `core.files.StoreFull`. Bytes that no row names are swept after a day.
    """
    store = evidence_store()
    sha256, size = store.write(intake.content)
    thumb, thumb_size = store.write(intake.thumb) if intake.thumb else (None, 0)
    pages = [store.write(page) for page in intake.pages]
    stored = size + thumb_size + sum(page_size for _, page_size in pages)
    return Kept(intake, sha256, thumb, tuple(digest for digest, _ in pages), size, stored)


def add_file(
    unit_id: int, kept: Kept, details: Details, *, actor: Actor, now: datetime, school_year: str = ""
) -> EvidenceFile:
    """Put a kept file into a unit's store; the same bytes twice give the file that is there already.

    `school_year` as "2026-2027", the present one when left out. Raises `StoreQuotaReached`, `HiddenFile`,
    `UnknownSite`, `BadIssueDate`; `NotAllowed` for another unit's store.
    """
    _check_own(unit_id, actor)
    same = queries.find_same(unit_id, kept.intake.source_sha256, lock=True)
    if same is not None:
        return _offer(same)
    _check_quota(unit_id, kept.stored_bytes, evidence_store())
    file = EvidenceFile(
        kind=kept.intake.kind,
        file_name=kept.intake.file_name,
        media_type=kept.intake.media_type,
        captured_on=kept.intake.captured_on,
        source_sha256=kept.intake.source_sha256,
        sha256=kept.sha256,
        thumb=kept.thumb,
        pages=list(kept.pages),
        size=kept.size,
        stored_bytes=kept.stored_bytes,
    )
    try:
        with savepoint():
            return _add(file, unit_id, details, school_year, actor=actor, now=now)
    except IntegrityError:  # stored by a second request at the same moment
        same = queries.find_same(unit_id, kept.intake.source_sha256, lock=True)
        if same is None:
            raise
        return _offer(same)


def add_link(
    unit_id: int, url: str, details: Details, *, actor: Actor, now: datetime, school_year: str = ""
) -> EvidenceFile:
    """Put a link (http or https) into a unit's store; nothing is fetched.

    Raises `BadLink` and what `add_file` raises of the details.
    """
    _check_own(unit_id, actor)
    file = EvidenceFile(kind=LINK, url=check_link(url), pages=[])
    return _add(file, unit_id, details, school_year, actor=actor, now=now)


def _check_own(unit_id: int, actor: Actor) -> None:
    if actor.unit_id != unit_id or not actor.may("evidence.add"):
        raise NotAllowed()


def _offer(same: EvidenceFile) -> EvidenceFile:
    if same.hidden_at is not None:
        raise HiddenFile(reason=same.hidden_reason)
    return same


def _check_quota(unit_id: int, more: int, store: EvidenceStore) -> None:
    used = queries.used_bytes(unit_id)
    if used + more > store.quota:
        megabyte = 1024 * 1024
        raise StoreQuotaReached(used=used // megabyte, quota=store.quota // megabyte)


def _add(
    file: EvidenceFile, unit_id: int, details: Details, school_year: str, *, actor: Actor, now: datetime
) -> EvidenceFile:
    check_details(unit_id, details, now=now)
    file.unit_id, file.added_by_id, file.added_at = unit_id, actor.user_id, now
    file.school_year = school_year or school_year_at(local_date(now))
    for name, value in _columns(details, file).items():
        setattr(file, name, value)
    session.add(file)
    session.flush()
    audit.record(
        actor,
        "evidence.add",
        file,
        now=now,
        new={"title": file.title, "kind": file.kind, "sha256": file.sha256},
    )
    return file


def _columns(details: Details, file: EvidenceFile) -> dict[str, Any]:
    words = f"{details.title} {details.document_number} {details.issuer} {file.file_name or file.url}"
    return {**asdict(details), "search_text": fold(words)[:1000]}


def edit_details(
    file: EvidenceFile, details: Details, *, version: int, actor: Actor, now: datetime
) -> EvidenceFile:
    """Change what is said about a file; `version` is the one the person saw.

    Raises `FileChanged`, `UnknownSite`, `BadIssueDate`.
    """
    _check_own(file.unit_id, actor)
    check_details(file.unit_id, details, now=now, present_site=file.site_id)
    old = details_of(file).plain()
    _change(file, EvidenceFile.version == version, **_columns(details, file), version=version + 1)
    audit.record(actor, "evidence.edit", file, now=now, old=old, new=details.plain())
    return file


def hide(file: EvidenceFile, reason: str, *, url: str, actor: Actor, now: datetime) -> EvidenceFile:
    """The authority takes a file out of sight, because it shows a pupil's face or name for example.

    The unit gets a notice with the reason and `url`, where it sees that the file is hidden. Forms that use
    it are counted anew. Raises `FileChanged` when it is hidden or deleted already, `NotAllowed` for others.
    """
    _check_authority(actor)
    uses.get().hold(file.id)
    values = {"hidden_at": now, "hidden_by_id": actor.user_id, "hidden_reason": reason}
    _change(file, EvidenceFile.hidden_at.is_(None), **values)
    notify(
        file.unit_id,
        kind="evidence_hidden",
        title=f"Minh chứng “{file.title[:200]}” đã bị ẩn",
        body=f"Lý do: {reason}. Hãy che thông tin đó rồi tải lên tệp khác nếu tiêu chí cần minh chứng.",
        url=url,
        sender_id=actor.unit_id,
        now=now,
    )
    uses.get().recount(file.id, now=now)
    audit.record(actor, "evidence.hide", file, now=now, new={"reason": reason})
    return file


def unhide(file: EvidenceFile, *, actor: Actor, now: datetime) -> EvidenceFile:
    """Show a hidden file again. Raises `FileChanged` when it is not hidden, `NotAllowed` for others."""
    _check_authority(actor)
    uses.get().hold(file.id)
    old = {"reason": file.hidden_reason}
    _change(file, EvidenceFile.hidden_at.is_not(None), hidden_at=None, hidden_by_id=None, hidden_reason="")
    uses.get().recount(file.id, now=now)
    audit.record(actor, "evidence.unhide", file, now=now, old=old)
    return file


def _check_authority(actor: Actor) -> None:
    if not actor.may("evidence.hide"):
        raise NotAllowed()


def delete(file: EvidenceFile, *, actor: Actor, now: datetime) -> None:
    """Take a file out of the unit's store and out of the forms still being filled in; its bytes go later.

    Raises `FileInUse` when a form that was handed in relies on it, `FileChanged` when it is gone already.
    """
    _check_own(file.unit_id, actor)
    uses.get().hold(file.id)
    if uses.get().is_locked(file.id):
        raise FileInUse()
    uses.get().release(file.id, actor=actor, now=now)
    _change(file, EvidenceFile.deleted_at.is_(None), deleted_at=now)
    if uses.get().is_used(file.id):  # chosen for another form while this one waited for the file
        raise FileChanged()
    audit.record(actor, "evidence.delete", file, now=now, old={"title": file.title, "sha256": file.sha256})


def _change(file: EvidenceFile, *condition: Any, **values: Any) -> None:
    """One conditional UPDATE; `FileChanged` when the row is no longer as the person saw it."""
    changed = session.scalar(
        update(EvidenceFile)
        .where(EvidenceFile.id == file.id, EvidenceFile.deleted_at.is_(None), *condition)
        .values(**values)
        .returning(EvidenceFile.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise FileChanged()
    session.refresh(file)


def sweep_files(*, now: datetime) -> int:
    """Remove stored bytes that no file names and that are older than a day; returns how many."""
    return evidence_store().sweep(queries.wanted_digests(), before=now - KEEP_UNNAMED)
