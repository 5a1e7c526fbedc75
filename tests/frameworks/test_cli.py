"""The commands: what they print, when they fail, and that they leave nothing half done."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from survey_app.core.db import unit_of_work
from survey_app.frameworks import queries, service
from survey_app.frameworks.loader import load_folder
from survey_app.frameworks.lock import read_lock
from survey_app.frameworks.workbook import workbook_bytes
from survey_app.rules.framework import Words
from tests.factories.whole_framework import make_folder, whole_framework
from tests.frameworks.conftest import FakeRounds

DECISION = "Quyết định số 123/QĐ-SGDĐT ngày 05/08/2027"


class Run:
    """Runs `flask frameworks …` on a folder of its own."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.runner: FlaskCliRunner = app.test_cli_runner()

    def __call__(self, *words: str, code: int = 0, folder: bool = True) -> str:
        extra = ["--folder", str(self.folder)] if folder else []
        done = self.runner.invoke(args=["frameworks", *words, *extra])
        assert done.exit_code == code, done.output
        return done.output

    def find(self, version: str = "1.0") -> Any:
        with self.app.app_context():
            return queries.find_version("thu", version)


@pytest.fixture
def run(app: Flask, tmp_path: Path, rounds: FakeRounds) -> Run:
    return Run(app, tmp_path / "criteria")


def test_check_passes_a_good_folder_and_names_every_fault_of_a_bad_one(run: Run) -> None:
    folder = make_folder(run.folder)
    assert "thu/1.0: 3 tiêu chí, không có chỗ sai." in run("check", str(run.folder), folder=False)
    file = folder / "AT.yaml"
    text = (
        file.read_text(encoding="utf-8")
        .replace("weight: 60", "weight: 0")
        .replace("code: AT1.2", "code: 1.2")
    )
    file.write_text(text, encoding="utf-8")
    printed = run("check", str(folder), code=1, folder=False)
    assert f"{folder}/AT.yaml:5:9: weight: Phải lớn hơn 0." in printed
    assert 'Hãy đặt trong dấu nháy: "1.2"' in printed and "Có 2 chỗ cần sửa" in printed


def test_load_reports_and_fails_on_faults(run: Run) -> None:
    folder = make_folder(run.folder)
    assert "Đã nạp thu/1.0." in run("load") and "Giữ nguyên thu/1.0." in run("load")
    (folder / "LM.yaml").write_text("code: [", encoding="utf-8")
    assert "LM.yaml" in run("load", code=1)


def test_publish_needs_a_decision_locks_and_shows_open_questions(run: Run) -> None:
    make_folder(run.folder)
    run("publish", "thu", "1.0", code=2)
    printed = run("publish", "thu", "1.0", "--decision", DECISION)
    assert (
        f"Đã khóa thu/1.0 và đưa vào áp dụng theo: {DECISION}." in printed and "Ai ký quyết định?" in printed
    )
    row = run.find()
    assert (row.status, row.decision) == ("published", DECISION)
    (locked,) = read_lock(run.folder)
    assert (locked.key, locked.sha256, locked.decision) == (("thu", "1.0"), row.sha256, DECISION)
    run("check", str(run.folder), folder=False)
    run("publish", "thu", "1.0", "--decision", DECISION, code=1)
    run("publish", "thu", "9.9", "--decision", DECISION, code=1)
    assert len(read_lock(run.folder)) == 1


def test_publish_refuses_files_with_a_fault(run: Run) -> None:
    (make_folder(run.folder) / "LM.yaml").unlink()
    assert "Thiếu tệp LM.yaml" in run("publish", "thu", "1.0", "--decision", DECISION, code=1)
    assert run.find() is None and read_lock(run.folder) == ()


def test_an_edition_without_files_is_published_in_the_database_alone(run: Run, app: Flask, now: Any) -> None:
    with app.app_context(), unit_of_work():
        service.create_draft_from_workbook(whole_framework(), actor=None, now=now)
    run("publish", "thu", "1.0", "--decision", DECISION)
    assert run.find().status == "published" and read_lock(run.folder) == ()


def test_diff_says_what_changed(run: Run) -> None:
    make_folder(run.folder)
    make_folder(run.folder, whole_framework(version="1.1", title=Words("Tên mới", "New")))
    printed = run("diff", "thu/1.0", "thu/1.1")
    assert "Sửa câu chữ | – | Tên" in printed and "    + Tên mới" in printed and "1 thay đổi" in printed
    assert "Hai phiên bản giống nhau." in run("diff", "thu/1.0", "thu/1.0")
    assert "Không có phiên bản thu/7" in run("diff", "thu/1.0", "thu/7", code=1)


def test_a_workbook_is_imported_as_files_and_draft(run: Run, tmp_path: Path, now: Any) -> None:
    file = tmp_path / "bo.xlsx"
    file.write_bytes(workbook_bytes(whole_framework(), now))
    assert "Chạy thử: chưa ghi gì." in run("import", str(file), "--dry-run")
    assert run.find() is None and not run.folder.exists()
    assert "Đã nhập bản nháp" in run("import", str(file))
    assert load_folder(run.folder / "thu" / "1.0").framework == whole_framework()
    assert run.find().is_draft and "Giữ nguyên thu/1.0." in run("load")


def test_a_workbook_never_replaces_a_locked_edition(run: Run, tmp_path: Path, now: Any) -> None:
    folder = make_folder(run.folder)
    run("publish", "thu", "1.0", "--decision", DECISION)
    before = (folder / "framework.yaml").read_bytes()
    file = tmp_path / "bo.xlsx"
    file.write_bytes(workbook_bytes(whole_framework(title=Words("Khác", "Other")), now))
    assert "Hãy đặt số phiên bản mới" in run("import", str(file), code=1)
    assert (folder / "framework.yaml").read_bytes() == before


def test_a_bad_workbook_writes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mau.xlsx"
    run("template", str(file), folder=False)
    assert "Thiếu mục “Mã bộ tiêu chí”" in run("import", str(file), code=1)
    file.write_bytes(b"<html>")
    assert "Không đọc được tệp" in run("import", str(file), code=1)
    assert run.find() is None and not run.folder.exists()


def test_an_exported_workbook_can_be_imported_again(run: Run, tmp_path: Path) -> None:
    make_folder(run.folder)
    file = tmp_path / "bo.xlsx"
    run("export", "thu", "1.0", str(file))
    assert "thu/1.0: Bộ tiêu chí thử; 3 tiêu chí." in run("import", str(file), "--dry-run")


def test_a_failed_write_of_the_files_leaves_no_draft(
    run: Run, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bo.xlsx"
    file.write_bytes(workbook_bytes(whole_framework(), now))

    def full(*parts: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("survey_app.frameworks.loader.replace_folder", full)
    run("import", str(file), code=1)
    assert run.find() is None
