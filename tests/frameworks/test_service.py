"""Loading editions from files and workbooks, putting one in force, and what never changes again."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.core.audit import AuditEvent
from survey_app.frameworks import queries, service
from survey_app.frameworks.checking import digest
from survey_app.frameworks.loader import load_folder
from survey_app.frameworks.lock import Locked, write_lock
from survey_app.frameworks.models import FrameworkVersion
from survey_app.rules.errors import NotFound
from survey_app.rules.framework import Words
from tests.factories.whole_framework import make_folder, whole_framework
from tests.frameworks.conftest import FakeRounds

pytestmark = pytest.mark.usefixtures("rounds")
DECISION = "Quyết định số 123/QĐ-SGDĐT ngày 05/08/2027"


def load(root: Path, now: datetime) -> service.ImportReport:
    return service.import_criteria_folder(root, now=now)


def changed(**values: Any) -> Any:
    return whole_framework(title=Words("Bộ tiêu chí thử, bản sửa", "Changed"), **values)


def test_files_become_a_draft_and_are_not_read_again(session: Any, tmp_path: Path, now: datetime) -> None:
    make_folder(tmp_path)
    assert load(tmp_path, now).loaded == ["thu/1.0"]
    assert load(tmp_path, now).unchanged == ["thu/1.0"]
    row = queries.get_version("thu", "1.0")
    assert row.is_draft and queries.get_framework(row.id) == whole_framework()
    assert row.title == Words("Bộ tiêu chí thử", "English: Bộ tiêu chí thử")


def test_a_changed_draft_is_replaced(session: Any, tmp_path: Path, now: datetime) -> None:
    make_folder(tmp_path)
    load(tmp_path, now)
    before = queries.get_version("thu", "1.0")
    make_folder(tmp_path, changed())
    assert load(tmp_path, now).loaded == ["thu/1.0"]
    after = queries.get_version("thu", "1.0")
    assert (after.id, after.sha256) != (before.id, before.sha256) and after.id == before.id
    assert after.title.vi == "Bộ tiêu chí thử, bản sửa"
    assert queries.get_framework(after.id).title.vi == "Bộ tiêu chí thử, bản sửa"


def test_a_comment_changes_nothing(session: Any, tmp_path: Path, now: datetime) -> None:
    folder = make_folder(tmp_path)
    load(tmp_path, now)
    file = folder / "LM.yaml"
    file.write_text("# ghi chú\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(tmp_path, now).unchanged == ["thu/1.0"]
    assert session.scalar(select(FrameworkVersion.source_sha256)) != ""


def test_a_draft_that_a_round_uses_is_not_changed(
    session: Any, tmp_path: Path, now: datetime, rounds: FakeRounds
) -> None:
    make_folder(tmp_path)
    load(tmp_path, now)
    row = queries.get_version("thu", "1.0")
    rounds.by_version[row.id] = ["Đợt cuối năm"]
    make_folder(tmp_path, changed())
    report = load(tmp_path, now)
    assert not report.fine and "Hãy đặt số phiên bản mới" in report.refused[0]
    assert queries.get_version("thu", "1.0") == row
    with pytest.raises(service.EditionFixed):
        service.create_draft_from_workbook(changed(), actor=None, now=now)


def test_a_set_with_a_fault_is_left_out_and_the_others_are_loaded(
    session: Any, tmp_path: Path, now: datetime
) -> None:
    make_folder(tmp_path)
    bad = make_folder(tmp_path, whole_framework(code="khac"))
    (bad / "LM.yaml").unlink()
    report = load(tmp_path, now)
    assert report.loaded == ["thu/1.0"] and "Thiếu tệp LM.yaml" in report.faults[0].sentence
    assert queries.find_version("khac", "1.0") is None


def test_publishing_locks_and_archives_the_older_edition(session: Any, tmp_path: Path, now: datetime) -> None:
    make_folder(tmp_path)
    make_folder(tmp_path, whole_framework(version="1.1"))
    load(tmp_path, now)
    first, second = (queries.get_version("thu", version) for version in ("1.0", "1.1"))
    service.publish_version(first.id, decision=DECISION, actor=None, now=now)
    done = service.publish_version(second.id, decision=f"  {DECISION}\n khác ", actor=None, now=now)
    assert (done.status, done.decision, done.published_at) == ("published", f"{DECISION} khác", now)
    assert queries.version_row(first.id).status == "archived"
    assert not queries.get_framework(second.id).is_draft
    assert queries.get_framework(second.id).by_code == queries.get_framework(first.id).by_code
    with pytest.raises(service.NotDraft):
        service.publish_version(second.id, decision=DECISION, actor=None, now=now)
    make_folder(tmp_path, changed(version="1.1"))
    assert "Hãy đặt số phiên bản mới" in load(tmp_path, now).refused[0]
    acts = list(session.scalars(select(AuditEvent.action)))
    assert acts.count("framework.load") == 2 and acts.count("framework.publish") == 2


@pytest.mark.parametrize("decision", ["", "   ", "x" * 256])
def test_without_a_decision_nothing_is_published(
    session: Any, tmp_path: Path, now: datetime, decision: str
) -> None:
    make_folder(tmp_path)
    load(tmp_path, now)
    row = queries.get_version("thu", "1.0")
    with pytest.raises(service.NoDecision):
        service.publish_version(row.id, decision=decision, actor=None, now=now)
    assert queries.version_row(row.id).is_draft


def test_the_lock_puts_editions_in_force_on_a_fresh_database(
    session: Any, tmp_path: Path, now: datetime
) -> None:
    folders = [make_folder(tmp_path, whole_framework(version=version)) for version in ("1.0", "1.1")]
    locked = [Locked("thu", f.name, digest(load_folder(f)), f"{DECISION} ({f.name})") for f in folders]
    write_lock(tmp_path, locked)
    assert load(tmp_path, now).published == ["thu/1.0", "thu/1.1"]
    assert [row.status for row in queries.list_versions()] == ["published", "archived"]
    assert queries.get_version("thu", "1.1").decision == f"{DECISION} (1.1)"
    assert load(tmp_path, now).published == []


def test_a_lock_that_differs_or_has_no_files_is_reported(session: Any, tmp_path: Path, now: datetime) -> None:
    make_folder(tmp_path)
    write_lock(tmp_path, [Locked("thu", "1.0", "0" * 64, "QĐ"), Locked("thu", "2.0", "0" * 64, "QĐ")])
    report = load(tmp_path, now)
    assert "khác với bản đã khóa" in report.refused[0] and "không có tệp" in report.refused[1]
    assert queries.get_version("thu", "1.0").is_draft


def test_a_workbook_becomes_a_draft_and_replaces_an_unused_one(session: Any, now: datetime) -> None:
    first = service.create_draft_from_workbook(whole_framework(), actor=None, now=now)
    again = service.create_draft_from_workbook(whole_framework(), actor=None, now=now)
    other = service.create_draft_from_workbook(changed(), actor=None, now=now)
    assert first == again and other.id == first.id and other.sha256 != first.sha256


def test_the_newest_edition_names_the_set(session: Any, now: datetime) -> None:
    service.create_draft_from_workbook(whole_framework(version="1.10"), actor=None, now=now)
    service.create_draft_from_workbook(changed(version="1.9"), actor=None, now=now)
    assert {row.title.vi for row in queries.list_versions()} == {"Bộ tiêu chí thử"}
    assert [row.version for row in queries.list_versions()] == ["1.10", "1.9"]


def test_editions_are_found_by_name(session: Any, now: datetime) -> None:
    row = service.create_draft_from_workbook(whole_framework(), actor=None, now=now)
    published = service.create_draft_from_workbook(whole_framework(version="0.9"), actor=None, now=now)
    service.publish_version(published.id, decision=DECISION, actor=None, now=now)
    assert queries.version_row(row.id) == row and queries.find_version("thu", "7") is None
    for ask in (
        lambda: queries.get_version("x", "1"),
        lambda: queries.get_framework(0),
        lambda: queries.version_row(0),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_set_is_read_from_the_database_once(session: Any, now: datetime, count_queries: Any) -> None:
    row = service.create_draft_from_workbook(
        whole_framework(title=Words("Đọc một lần", "Once")), actor=None, now=now
    )
    queries.get_framework(row.id)
    with count_queries() as seen:
        assert queries.get_framework(row.id) is queries.get_framework(row.id)
    assert len(seen) == 2 and not any("content" in statement for statement in seen.statements)
    with count_queries() as seen:
        queries.list_versions()
    assert len(seen) == 1 and not any("content" in statement for statement in seen.statements)
