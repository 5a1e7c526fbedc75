"""A unit's store: what goes in, what is shown to whom, what may go again."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey_app.core.audit import AuditEvent
from survey_app.core.files import StoreFull
from survey_app.evidence import queries, service
from survey_app.evidence.details import BadIssueDate, BadLink, Details, UnknownSite, check_link
from survey_app.evidence.models import LINK, EvidenceFile
from survey_app.evidence.refusals import FileChanged, FileInUse, HiddenFile, StoreQuotaReached
from survey_app.evidence.store import evidence_store
from survey_app.notices.models import Notice
from survey_app.organisations.queries import open_sites
from survey_app.rules.errors import NotAllowed, NotFound
from tests.evidence.conftest import Town, UsesForTest
from tests.factories.evidence import make_file, make_intake, make_pdf_file
from tests.factories.organisations import make_school
from tests.factories.rounds import make_participation, make_round

DETAILS = Details("Bình chữa cháy tầng 1")


def count(session: Any) -> int:
    return len(session.scalars(select(EvidenceFile)).all())


def stored_files() -> list[Path]:
    root = evidence_store().root
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


# ---- adding ----


def test_a_file_lies_under_its_hash_and_its_row_names_it(town: Town, now: datetime) -> None:
    kept = service.keep(make_intake(captured_on=date(2027, 5, 3)))
    file = service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    assert evidence_store().read(kept.sha256) == kept.intake.content
    assert (file.title, file.school_year, file.captured_on) == (DETAILS.title, "2026-2027", date(2027, 5, 3))
    assert file.stored_bytes == len(kept.intake.content) + len(kept.intake.thumb or b"")
    assert queries.used_bytes(town.head.unit_id) == file.stored_bytes


def test_the_school_year_turns_on_the_first_of_august(town: Town) -> None:
    late = datetime(2027, 7, 31, 16, 59, tzinfo=UTC)  # 23g59, 31/07 in Vietnam
    assert make_file(town.head, now=late).school_year == "2026-2027"
    assert make_file(town.head, now=late + timedelta(minutes=1)).school_year == "2027-2028"


def test_the_same_bytes_twice_are_one_file(town: Town, session: Any, now: datetime) -> None:
    kept = service.keep(make_intake())
    first = service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    again = service.add_file(town.head.unit_id, kept, Details("Tên khác"), actor=town.member, now=now)
    assert again.id == first.id and again.title == DETAILS.title and count(session) == 1
    other = service.add_file(town.neighbour.unit_id, kept, DETAILS, actor=town.neighbour, now=now)
    assert other.id != first.id


def test_two_requests_with_the_same_bytes_end_in_one_file(
    town: Town, session: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, find = service.keep(make_intake()), queries.find_same
    first = service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    looks: list[str] = []

    def too_early_the_first_time(unit_id: int, source: str, *, lock: bool) -> EvidenceFile | None:
        looks.append(source)
        return None if len(looks) == 1 else find(unit_id, source, lock=lock)

    monkeypatch.setattr(queries, "find_same", too_early_the_first_time)
    again = service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    assert again.id == first.id and count(session) == 1 and len(looks) == 2


def test_another_fault_of_the_database_is_not_hidden(town: Town, session: Any, now: datetime) -> None:
    kept = service.keep(make_intake())
    with pytest.raises(IntegrityError):
        service.add_file(town.head.unit_id, kept, DETAILS, actor=replace(town.head, user_id=999_999), now=now)


def test_a_file_goes_only_into_the_own_store(town: Town, now: datetime) -> None:
    kept = service.keep(make_intake())
    for actor in (town.neighbour, town.officer, town.department):
        with pytest.raises(NotAllowed):
            service.add_file(town.head.unit_id, kept, DETAILS, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        service.add_file(town.officer.unit_id, kept, DETAILS, actor=town.officer, now=now)


def test_a_full_store_says_how_full(app: Flask, town: Town, session: Any, now: datetime) -> None:
    evidence_store().quota = 2 * 1024 * 1024
    big = make_intake(content=b"\xff\xd8" + b"x" * 1_500_000)
    service.add_file(town.head.unit_id, service.keep(big), DETAILS, actor=town.head, now=now)
    bigger = service.keep(make_intake(content=b"\xff\xd8" + b"y" * 1_500_000))
    with pytest.raises(StoreQuotaReached) as refusal:
        service.add_file(town.head.unit_id, bigger, DETAILS, actor=town.head, now=now)
    assert "đã dùng 1 MB trong 2 MB" in str(refusal.value) and count(session) == 1
    service.add_file(town.neighbour.unit_id, bigger, DETAILS, actor=town.neighbour, now=now)


def test_a_full_disk_leaves_nothing_behind(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(StoreFull):
        service.keep(make_intake())
    assert stored_files() == []


def test_details_are_checked(town: Town, now: datetime) -> None:
    site = open_sites(town.head.unit_id)[1]
    foreign = open_sites(town.neighbour.unit_id)[0]
    kept = service.keep(make_intake())

    def add(**details: Any) -> EvidenceFile:
        return service.add_file(town.head.unit_id, kept, Details("Tên", **details), actor=town.head, now=now)

    with pytest.raises(UnknownSite):
        add(site_id=foreign.id)
    for day in (date(1945, 9, 1), date(2027, 5, 13)):
        with pytest.raises(BadIssueDate):
            add(issued_on=day)
    assert add(site_id=site.id, issued_on=date(2027, 5, 12)).site_id == site.id


def test_a_link_is_kept_not_fetched(town: Town, now: datetime) -> None:
    file = service.add_link(
        town.head.unit_id, "https://drive.google.com/x?y=1", DETAILS, actor=town.head, now=now
    )
    assert (file.kind, file.url, file.size, file.pages) == (LINK, "https://drive.google.com/x?y=1", 0, [])


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.vn/x",
        "file:///etc/passwd",
        "//a.vn",
        "a.vn",
        "https://",
        "https://localhost",
        "https://a.vn:99999/",
        "https://a:b@c.vn/",
        "https://a.vn/\u202e",
        "https://a.vn/ x",
        'https://a.vn/"',
        "https://a.vn/<x>",
        "https://a.vn\\@b.vn",
        "http://[::1",
        "https://a.vn/" + "x" * 500,
        "",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadLink):
        check_link(url)


# ---- who sees what ----


def test_a_file_is_seen_by_its_school_its_authority_and_its_department(town: Town) -> None:
    file = make_file(town.head)
    for actor in (town.head, town.member, town.officer, town.department):
        assert queries.get_visible_file(actor, file.uid) is file
    for actor in (town.neighbour, town.stranger, town.viewer):
        with pytest.raises(NotFound):
            queries.get_visible_file(actor, file.uid)
        assert (
            queries.list_store(actor, town.head.unit_id, queries.StoreFilter(), today=date(2027, 5, 12)).total
            == 0
        )
        with pytest.raises(NotFound):
            queries.get_unit_in_reach(actor, file.unit.uid)


def test_a_commune_sees_what_it_manages_or_checks_not_all_in_its_area(town: Town) -> None:
    ward = queries.get_unit_in_reach(town.officer, make_file(town.head).unit.uid).parent
    assert ward is not None and ward.parent is not None
    school = make_school(ward, stages=("thpt",))  # managed by the department
    head = replace(town.head, unit_id=school.id)
    file = make_file(head)
    with pytest.raises(NotFound):
        queries.get_visible_file(town.officer, file.uid)
    make_participation(make_round(ward.parent), school, reviewing_unit_id=ward.id)
    assert queries.get_visible_file(town.officer, file.uid) is file


def test_a_deleted_file_is_gone_for_everybody(town: Town, now: datetime) -> None:
    file = make_file(town.head)
    service.delete(file, actor=town.head, now=now)
    for actor in (town.head, town.officer, town.department):
        with pytest.raises(NotFound):
            queries.get_visible_file(actor, file.uid)
    assert queries.used_bytes(town.head.unit_id) == 0


def test_the_store_is_searched_without_marks_and_split_by_year(town: Town) -> None:
    today = date(2027, 5, 12)
    new = make_file(town.head, "Bình chữa cháy")
    old = make_file(town.head, "Biên bản năm ngoái", school_year="2025-2026")
    ahead = make_file(town.head, "Kế hoạch năm sau", school_year="2027-2028")

    def found(tab: str = queries.THIS_YEAR, text: str = "") -> list[int]:
        page = queries.list_store(town.head, town.head.unit_id, queries.StoreFilter(tab, text), today=today)
        return [file.id for file in page.rows]

    assert found() == [ahead.id, new.id] and found(queries.BEFORE) == [old.id]
    assert found(text="binh CHUA") == [new.id] and found(text="100%") == []


# ---- changing ----


def test_details_change_and_the_old_ones_stay_in_the_trail(town: Town, session: Any, now: datetime) -> None:
    file = make_file(town.head, "Ảnh cũ")
    service.edit_details(file, Details("Ảnh mới", issuer="UBND"), version=1, actor=town.member, now=now)
    assert (file.title, file.issuer, file.version) == ("Ảnh mới", "UBND", 2)
    assert (
        queries.list_store(
            town.head, file.unit_id, queries.StoreFilter(text="ubnd"), today=date(2027, 5, 12)
        ).total
        == 1
    )
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence.edit")).one()
    assert (event.old["title"], event.new["title"]) == ("Ảnh cũ", "Ảnh mới")


def test_a_second_tab_does_not_overwrite_silently(town: Town, now: datetime) -> None:
    file = make_file(town.head)
    service.edit_details(file, Details("Một"), version=1, actor=town.head, now=now)
    with pytest.raises(FileChanged):
        service.edit_details(file, Details("Hai"), version=1, actor=town.member, now=now)


def test_a_site_that_has_ended_may_stay(town: Town, session: Any, now: datetime) -> None:
    site = open_sites(town.head.unit_id)[1]
    file = make_file(town.head, site_id=site.id)
    site.valid_to = date(2027, 1, 1)
    session.flush()
    service.edit_details(file, Details("Tên", site_id=site.id), version=1, actor=town.head, now=now)
    other = make_file(town.head)
    with pytest.raises(UnknownSite):
        service.edit_details(other, Details("Tên", site_id=site.id), version=1, actor=town.head, now=now)


def test_hiding_tells_the_school_why_and_forms_are_counted_anew(
    town: Town, session: Any, used: UsesForTest, now: datetime
) -> None:
    file = make_file(town.head, "Ảnh lớp học")
    service.hide(file, "Lộ mặt học sinh", url=f"/evidence/{file.uid}", actor=town.officer, now=now)
    notice = session.scalars(select(Notice)).one()
    assert (notice.unit_id, notice.sender_id) == (town.head.unit_id, town.officer.unit_id)
    assert "Ảnh lớp học" in notice.title and "Lộ mặt học sinh" in notice.body and file.uid in notice.url
    assert used.told == [("recount", file.id)]
    assert queries.get_visible_file(town.head, file.uid) is file
    with pytest.raises(NotFound):
        queries.get_readable_file(town.head, file.uid)
    assert queries.get_readable_file(town.officer, file.uid) is file
    with pytest.raises(FileChanged):
        service.hide(file, "Lần nữa", url="", actor=town.department, now=now)
    service.unhide(file, actor=town.officer, now=now)
    assert queries.get_readable_file(town.head, file.uid) is file and used.told[1:] == [("recount", file.id)]
    with pytest.raises(FileChanged):
        service.unhide(file, actor=town.officer, now=now)


def test_a_school_cannot_hide_or_show(town: Town, now: datetime) -> None:
    file = make_file(town.head)
    with pytest.raises(NotAllowed):
        service.hide(file, "x", url="", actor=town.head, now=now)
    with pytest.raises(NotAllowed):
        service.unhide(file, actor=town.head, now=now)


def test_hidden_bytes_do_not_come_back_by_uploading_them_again(
    town: Town, session: Any, now: datetime
) -> None:
    kept = service.keep(make_intake())
    file = service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    file.hidden_at, file.hidden_reason = now, "Lộ tên học sinh"
    session.flush()
    with pytest.raises(HiddenFile, match="Lộ tên học sinh"):
        service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    service.delete(file, actor=town.head, now=now)
    with pytest.raises(HiddenFile):
        service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)


def test_a_deleted_file_can_be_added_anew(town: Town, now: datetime) -> None:
    kept = service.keep(make_intake())
    file = service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now)
    service.delete(file, actor=town.head, now=now)
    assert service.add_file(town.head.unit_id, kept, DETAILS, actor=town.head, now=now).id != file.id


def test_a_file_of_a_form_handed_in_stays(town: Town, used: UsesForTest, now: datetime) -> None:
    file = make_file(town.head)
    used.locked.add(file.id)
    with pytest.raises(FileInUse):
        service.delete(file, actor=town.head, now=now)
    assert file.deleted_at is None and used.told == []
    used.locked.clear()
    service.delete(file, actor=town.member, now=now)
    assert used.told == [("release", file.id)]
    with pytest.raises(FileChanged):
        service.delete(file, actor=town.head, now=now)


def test_only_the_own_school_deletes(town: Town, now: datetime) -> None:
    file = make_file(town.head)
    for actor in (town.neighbour, town.officer, town.department):
        with pytest.raises(NotAllowed):
            service.delete(file, actor=actor, now=now)


# ---- sweeping ----


def test_bytes_that_no_file_names_are_swept_after_a_day(app: Flask, town: Town, now: datetime) -> None:
    kept_file = make_pdf_file(town.head, pages=3)
    gone, both = make_file(town.head), make_file(town.head)
    unnamed = service.keep(make_intake())
    shared = make_file(town.neighbour, sha256=both.sha256, thumb=both.thumb)
    for file in (gone, both):
        service.delete(file, actor=town.head, now=now)
    evidence_store().root.joinpath(".part-left").write_bytes(b"half")
    assert service.sweep_files(now=datetime.now(UTC)) == 0  # noqa: TID251 - files carry the machine's time
    later = datetime.now(UTC) + timedelta(days=1, minutes=1)  # noqa: TID251
    before = len(stored_files())
    # gone: 2, unnamed: 2, the half file: 1, and what the neighbour's own intake left: 2
    assert service.sweep_files(now=later) == 7 and len(stored_files()) == before - 7
    for digest in (kept_file.sha256, kept_file.thumb, *kept_file.pages, shared.sha256):
        assert digest is not None and evidence_store().exists(digest)
    assert gone.sha256 is not None and not evidence_store().exists(gone.sha256)
    assert not evidence_store().exists(unnamed.sha256)


def test_a_file_stored_anew_while_it_is_swept_is_put_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = evidence_store().path(service.keep(make_intake(thumb=None)).sha256)
    before = datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251
    move = Path.replace

    def stored_again_just_then(self: Path, target: Path) -> Path:
        later = before.timestamp() + 60
        os.utime(self, (later, later))
        return move(self, target)

    monkeypatch.setattr(Path, "replace", stored_again_just_then)
    assert evidence_store().sweep(set(), before=before) == 0
    assert path.exists()


def test_the_sweep_never_touches_what_another_room_keeps(app: Flask, town: Town) -> None:
    digest, _ = app.extensions["file_store"].write(b"a certificate")
    later = datetime.now(UTC) + timedelta(days=2)  # noqa: TID251
    service.sweep_files(now=later)
    assert app.extensions["file_store"].exists(digest)


def test_the_command_sweeps(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["evidence", "sweep"])
    assert answer.exit_code == 0 and "Đã xóa 0 tệp" in answer.output
