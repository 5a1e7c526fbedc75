"""Files that are no proper YAML, or that try something: one clear sentence with its place, never a crash."""

from pathlib import Path

import pytest

from survey_app.frameworks.loader import load_folder, replace_folder, write_files
from survey_app.frameworks.reading import read_documents
from tests.factories.whole_framework import make_folder, whole_framework

LAUGHS = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ncode: thu\n"


@pytest.mark.parametrize(
    ("content", "place", "sentence"),
    [
        (b"code: thu\n\tversion: '1'\n", (2, 1), "phím Tab"),
        (b"code: thu\ntitle: a: b\n", (2, 9), "Dấu hai chấm không đúng chỗ"),
        (b"code: [1, 2\nversion: '1'\n", (2, 8), "thiếu dấu ngoặc đóng"),
        (b"code: 'thu\n", (2, 1), "Thiếu dấu nháy đóng"),
        (b"code: thu\n version: x\n", (2, 9), "Dấu hai chấm không đúng chỗ"),
        (b"code\nversion: x\n", (2, 8), "Dấu hai chấm không đúng chỗ"),
        (LAUGHS, (1, 4), "Không dùng neo"),
        (b"a: &a [*a]\n", (1, 4), "Không dùng neo"),
        (b"a: *b\n", (1, 4), "Không dùng neo"),
        (b"code: !!python/object/apply:os.system [ls]\n", (1, 7), "Không dùng nhãn"),
        (b"code: !lop thu\n", (1, 7), "Không dùng nhãn"),
        (b"code: thu\ncode: thu\n", (2, 1), "ghi hai lần"),
        (b"1: thu\n", (1, 1), "Tên mục phải là chữ"),
        (b"code: thu\n---\ncode: thu\n", (3, 1), "chỉ có một phần"),
        (b"code: th\xea\n", (1, 9), "UTF-8"),
        ("code: thử".encode("utf-16"), (1, 1), "UTF-8"),
        (b"code: thu\nversion: a\x00b\n", (2, 11), "ký tự điều khiển"),
        (b"code: " + b"[" * 100_000, (1, 1), "lồng nhau quá sâu"),
        (b"code: " + b"x" * 2_100_000, (1, 1), "lớn quá 2 MB"),
        (b"", (1, 1), "Để trống"),
        (b"- code\n", (1, 1), "nhóm mục"),
        (b"areas: 2026-01-01\n", (1, 8), "Phải là danh sách"),
        (b"version: 0.20\n", (1, 10), '"0.20"'),
    ],
)
def test_a_broken_file_gets_one_clear_sentence(
    tmp_path: Path, content: bytes, place: tuple[int, int], sentence: str
) -> None:
    folder = make_folder(tmp_path)
    (folder / "framework.yaml").write_bytes(content)
    found = load_folder(folder)
    assert found.framework is None
    assert any(sentence in f.sentence and (f.line, f.column) == place for f in found.faults), [
        str(fault) for fault in found.faults
    ]


def test_a_broken_area_is_not_called_missing_and_the_others_are_still_checked(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "AT.yaml").write_bytes(b"code: [")
    file = folder / "LM.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("weight: 40", "weight: 0"), encoding="utf-8")
    sentences = " ".join(fault.sentence for fault in load_folder(folder).faults)
    assert "Phải lớn hơn 0" in sentences and "Thiếu tệp" not in sentences and "chưa tiêu chí" not in sentences


def test_a_folder_without_its_head_says_so(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "framework.yaml").unlink()
    assert ["Thiếu tệp framework.yaml" in f.sentence for f in load_folder(folder).faults] == [True]


def test_written_files_are_read_as_an_equal_set(tmp_path: Path) -> None:
    assert load_folder(make_folder(tmp_path)).framework == whole_framework()
    assert load_folder(make_folder(tmp_path)).framework == whole_framework()  # over an existing folder


def test_no_half_written_folder_stays_behind(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    replace_folder(folder, {"framework.yaml": b"x"})
    assert [path.name for path in folder.parent.iterdir()] == ["1.0"]
    assert [path.name for path in folder.iterdir()] == ["framework.yaml"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    for name, content in write_files(whole_framework()).items():
        (folder / name).write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    assert load_folder(folder).framework == whole_framework()


def test_nothing_at_all_is_answered_with_faults() -> None:
    assert read_documents({}).framework is None
    assert read_documents({"framework.yaml": None, "AT.yaml": "x", "LM.yaml": {"criteria": "x"}}).faults
