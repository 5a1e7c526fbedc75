"""The lock: a published edition keeps its content, and the check says when it does not."""

from pathlib import Path

import pytest

from survey_app.frameworks.checking import check_path, digest
from survey_app.frameworks.loader import load_folder
from survey_app.frameworks.lock import BrokenLock, Locked, read_lock, write_lock
from tests.factories.whole_framework import make_folder


def lock(root: Path, folder: Path) -> None:
    write_lock(root, [Locked("thu", "1.0", digest(load_folder(folder)), "Quyết định số 1/QĐ-SGDĐT")])


def test_a_written_lock_is_read_again(tmp_path: Path) -> None:
    lines = (Locked("a", "1.0", "0" * 64, "QĐ số 1"), Locked("a", "2.0", "f" * 64, "QĐ số 2 ngày 05/08/2027"))
    write_lock(tmp_path, lines)
    assert read_lock(tmp_path) == lines
    assert read_lock(tmp_path / "other") == ()


@pytest.mark.parametrize(
    "line",
    ["thu/1.0", "thu/1.0 " + "0" * 63 + " QĐ", "thu/1.0 " + "0" * 64, "../x/1 " + "0" * 64 + " QĐ", "thu 1"],
)
def test_a_lock_that_was_edited_by_hand_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "published.lock").write_text("# đầu\n" + line + "\n", encoding="utf-8")
    with pytest.raises(BrokenLock, match="dòng 2"):
        read_lock(tmp_path)
    make_folder(tmp_path)
    assert "published.lock:2:1" in str(check_path(tmp_path).faults[0])


def test_an_edition_locked_twice_is_refused(tmp_path: Path) -> None:
    line = "thu/1.0 " + "0" * 64 + " QĐ\n"
    (tmp_path / "published.lock").write_text(line * 2, encoding="utf-8")
    with pytest.raises(BrokenLock, match="dòng 2"):
        read_lock(tmp_path)


def test_a_changed_word_of_a_locked_edition_fails_the_check(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    lock(tmp_path, folder)
    assert check_path(tmp_path).faults == ()
    file = folder / "LM.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("LM1.1 ở mức 0.", "LM1.1 khác."), encoding="utf-8"
    )
    for path in (tmp_path, folder.parent, folder):
        assert ["đã khóa nhưng nội dung đã đổi" in f.sentence for f in check_path(path).faults] == [True], (
            path
        )


def test_a_comment_in_a_locked_edition_may_change(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    lock(tmp_path, folder)
    file = folder / "LM.yaml"
    file.write_text("# ghi chú\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert check_path(tmp_path).faults == ()


def test_a_locked_edition_without_files_fails_the_check(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    lock(tmp_path, folder)
    folder.rename(tmp_path / "thu" / "9.9")
    assert any("không còn tệp" in fault.sentence for fault in check_path(tmp_path).faults)


def test_an_empty_and_a_missing_folder_are_faults(tmp_path: Path) -> None:
    assert "không có bộ tiêu chí nào" in check_path(tmp_path).faults[0].sentence
    assert "Không có thư mục" in check_path(tmp_path / "x").faults[0].sentence
