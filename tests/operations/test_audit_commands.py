"""`flask audit …` for somebody from outside: every kind of tampering is found, and where."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from survey_app.operations.heads import heads_file
from tests.operations.trails import START, make_trail, rewrite_chain, seal, tamper

INSERT = (
    "INSERT INTO audit_event (id, at, actor_name, role, action, subject_type, subject_id, address,"
    " request_id, outcome) VALUES (99, '{at}', 'x', '', 'assessment.approve', 'Form', 'x', '', '', 'done')"
)


@pytest.fixture
def trail(site: Flask) -> Flask:
    """Three blocks of three events, a minute between them."""
    make_trail(site)
    return site


def run(app: Flask, *arguments: object) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["audit", *map(str, arguments)])
    return done.exit_code, done.output


def keep_heads(app: Flask, file: Path) -> Path:
    """What an outsider wrote down some time ago: the head after each block so far."""
    code, line = run(app, "head")
    assert code == 0
    with file.open("a", encoding="ascii") as stream:
        stream.write(line)
    return file


def test_an_untouched_trail_is_whole(trail: Flask) -> None:
    code, said = run(trail, "verify")
    assert code == 0
    assert (
        "3 khối, 9 sự kiện đã niêm phong, 0 chưa niêm phong; đối chiếu 0 mã đã công bố: không có lỗi." in said
    )


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (
            ["UPDATE audit_event SET actor_name = 'ai khác' WHERE id = 5"],
            "Khối 2, sự kiện 5: nội dung đã bị sửa",
        ),
        (["UPDATE audit_event SET new = '{\"n\": 7}' WHERE id = 5"], "Khối 2, sự kiện 5: nội dung đã bị sửa"),
        (["UPDATE audit_event SET at = '2027-05-12 07:01:01' WHERE id = 4"], "sự kiện 4: nội dung đã bị sửa"),
        (["DELETE FROM audit_event WHERE id = 6"], "Khối 2, sự kiện 6: đã bị xóa"),
        (
            ["DELETE FROM audit_seal WHERE event_id = 6", "DELETE FROM audit_event WHERE id = 6"],
            "Khối 2: danh sách sự kiện",
        ),
        ([INSERT.format(at="2027-05-11 07:00:00")], "Khối 4, sự kiện 99: được đưa vào muộn"),
        (
            [
                INSERT.format(at="2027-05-12 07:01:00"),
                f"INSERT INTO audit_seal (block, event_id, hash) VALUES (2, 99, '{'a' * 64}')",
            ],
            "Khối 2: danh sách sự kiện",
        ),
        (
            ["DELETE FROM audit_seal WHERE block = 2", "DELETE FROM audit_block WHERE number = 2"],
            "Khối 2: không còn",
        ),
        (["UPDATE audit_block SET sealed_at = '2027-05-12 07:30:00' WHERE number = 2"], "Khối 2: danh sách"),
    ],
    ids=[
        "row changed",
        "json changed",
        "time changed",
        "row removed",
        "row and seal removed",
        "row inserted",
        "row inserted into a block",
        "block removed",
        "time of a block changed",
    ],
)
def test_tampering_by_raw_sql_is_found_and_where(trail: Flask, statements: list[str], found: str) -> None:
    tamper(trail, *statements)
    code, said = run(trail, "verify")
    assert code == 1 and found in said, said


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET new = 'no json' WHERE id = 5",
        "UPDATE audit_event SET at = 'no time' WHERE id = 5",
        "UPDATE audit_block SET sealed_at = 'no time' WHERE number = 2",
        "UPDATE audit_block SET format = 'x' WHERE number = 2",
    ],
)
def test_what_cannot_be_read_any_more_is_a_finding_and_no_crash(trail: Flask, statement: str) -> None:
    tamper(trail, statement)
    code, said = run(trail, "verify")
    assert code == 1 and "Khối 2" in said and "Traceback" not in said, said


def test_an_inserted_row_stays_found_after_it_was_sealed(trail: Flask) -> None:
    tamper(trail, INSERT.format(at="2027-05-11 20:00:00"))
    with trail.app_context():
        assert seal(START + timedelta(hours=1)) == 1
    code, said = run(trail, "verify")
    assert code == 1 and "Khối 4, sự kiện 99: được đưa vào muộn" in said


def test_a_rewritten_chain_is_caught_by_the_heads_that_were_told(trail: Flask, tmp_path: Path) -> None:
    heads = keep_heads(trail, tmp_path / "heads.jsonl")
    tamper(trail, "UPDATE audit_event SET actor_name = 'ai khác' WHERE id = 5")
    rewrite_chain(trail)
    assert run(trail, "verify")[0] == 0  # nobody can tell from the database alone
    code, said = run(trail, "verify", "--heads", heads)
    assert code == 1 and "Khối 3: khác mã đã công bố" in said


def test_the_file_of_the_data_folder_is_used_unasked(trail: Flask) -> None:
    file = heads_file(Path(trail.config["DATA_DIR"]))
    file.parent.mkdir()
    keep_heads(trail, file)
    assert "đối chiếu 1 mã đã công bố: không có lỗi." in run(trail, "verify")[1]
    tamper(trail, "DELETE FROM audit_seal WHERE block = 3", "DELETE FROM audit_block WHERE number = 3")
    code, said = run(trail, "verify")
    assert code == 1 and "phần cuối đã bị cắt" in said


def test_an_exported_trail_is_checked_without_the_database(trail: Flask, tmp_path: Path) -> None:
    file, heads = tmp_path / "trail.jsonl", keep_heads(trail, tmp_path / "heads.jsonl")
    assert run(trail, "export", file) == (0, f"Đã ghi 12 dòng vào {file}.\n")
    tamper(trail, "DELETE FROM audit_seal", "DELETE FROM audit_block", "DELETE FROM audit_event")
    code, said = run(trail, "verify", "--file", file, "--heads", heads)
    assert code == 0 and "3 khối, 9 sự kiện" in said


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_changed_file_is_caught_line_by_line(trail: Flask, tmp_path: Path) -> None:
    file, heads = tmp_path / "trail.jsonl", keep_heads(trail, tmp_path / "heads.jsonl")
    run(trail, "export", file)
    lines = file.read_text(encoding="utf-8").splitlines()
    event = json.loads(lines[5])
    event["event"]["actor_name"] = "ai khác"
    cases = {
        "Khối 2, sự kiện 4: nội dung đã bị sửa": [*lines[:5], json.dumps(event), *lines[6:]],
        "Khối 2: danh sách sự kiện": lines[:5] + lines[6:],
        "Khối 3 đã công bố nhưng nhật ký kết thúc trước đó": lines[:8],
        "Khối 1: không còn": lines[4:],
        "Dòng 3 của tệp": [*lines[:2], "no json", *lines[3:]],
    }
    for found, changed in cases.items():
        file.write_text("\n".join(changed), encoding="utf-8")
        code, said = run(trail, "verify", "--file", file, "--heads", heads)
        assert code == 1 and found in said, (found, said)


def test_before_the_first_seal_there_is_no_head(site: Flask) -> None:
    code, said = run(site, "head")
    assert code == 1 and "chưa có khối niêm phong" in said


def test_a_file_of_something_else_is_refused(trail: Flask, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("xin chào", encoding="utf-8")
    code, said = run(trail, "verify", "--heads", other)
    assert code == 1 and "không phải là tệp mã niêm phong" in said
