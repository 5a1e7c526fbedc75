"""What stands in the workbooks: right rows in right scope, words or codes, totals equal to the overview."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from sqlalchemy import select

from survey_app.assessments.models import Answer, Assessment
from survey_app.core.access import Actor
from survey_app.exports import queries, service
from survey_app.exports.kinds import Kind
from survey_app.exports.models import ExportFile
from survey_app.frameworks import queries as frameworks
from survey_app.frameworks.models import FrameworkVersion
from survey_app.organisations.models import OrganisationUnit
from survey_app.results.queries import OverviewFilter, by_all, completion_by_ward, value_counts
from survey_app.rounds.models import Round
from survey_app.rounds.queries import round_frameworks
from survey_app.rules.aggregation import most_unmet
from survey_app.rules.framework import Named, Words
from survey_app.rules.permissions import Role
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.assessments import all_at, make_assessment, make_submitted
from tests.factories.frameworks import plain_framework, plain_indicator
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.results import CHECKED, make_checked, publish_all
from tests.factories.rounds import make_framework_version, make_participation, make_round

CITY = "Sở Giáo dục và Đào tạo thành phố Cần Thơ"
EVERYTHING = OverviewFilter()
HOSTILE = '=HYPERLINK("http://evil.example","x")'


@dataclass
class World:
    """Two wards, five schools in different states, one set with an indicator that may not apply."""

    department: OrganisationUnit
    wards: list[OrganisationUnit]
    round: Round
    admin: Actor
    officer: Actor


@pytest.fixture
def world(session: Any) -> World:
    """Published, approved, submitted, returned and draft; the last school has two sites."""
    department = make_department(name=CITY)
    wards = [
        make_commune(department, name="Phường Ô Môn"),
        make_commune(department, name="Xã Thới Lai", area_type="xa"),
    ]
    framework = plain_framework(
        [
            ("AT", 60, [plain_indicator("AT1.1", per_site=True), plain_indicator("AT1.2")]),
            ("LM", 40, [plain_indicator("LM1.1", applies_when=("bep_an",))]),
        ]
    )
    version = make_framework_version(framework)
    round_ = make_round(department, [version])
    schools = [
        make_school(wards[0], name=HOSTILE),
        make_school(wards[0], name="THCS Mẫu Hai"),
        make_school(wards[0], name="THCS Mẫu Ba"),
        make_school(wards[1], name="THCS Mẫu Bốn"),
        make_school(wards[1], name="THCS Mẫu Năm", sites=2, ownership="tu_thuc"),
    ]
    parts = [make_participation(round_, school) for school in schools]
    best = all_at(version, 3)
    make_checked(parts[0], best, signatory="Trần Thị Mẫu")
    publish_all(round_)
    make_checked(parts[1], best, {"AT1.2": 1})
    make_submitted(parts[2], best, profile={"bep_an": False})
    make_submitted(parts[3], best, state=State.RETURNED)
    draft = make_assessment(parts[4], best)
    session.flush()
    assert draft.state == State.DRAFT
    return World(
        department,
        wards,
        round_,
        make_actor(Role.DEPARTMENT_ADMIN, department),
        make_actor(Role.COMMUNE_OFFICER, wards[0]),
    )


Book = dict[str, list[list[Any]]]
Make = Callable[..., Book]


@pytest.fixture
def make(world: World, tmp_path: Path, session: Any) -> Make:
    """Make a workbook as an actor and read it back: {sheet: rows}."""

    def made(kind: Kind, *, coded: bool = False, actor: Actor | None = None, **wanted: Any) -> Book:
        actor, target = actor or world.admin, tmp_path / "book.xlsx"
        file = service.request_export(
            world.round, kind, OverviewFilter(**wanted), coded=coded, actor=actor, now=CHECKED
        )
        service.write_export(file, target, actor=actor, now=CHECKED)
        return read_book(target.read_bytes())

    return made


def read_book(content: bytes) -> Book:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def line_of(rows: Sequence[Sequence[Any]], word: str) -> Sequence[Any]:
    return next(row for row in rows if word in row)


def table(rows: Sequence[Sequence[Any]], first: str) -> list[Sequence[Any]]:
    """The numbered lines under the heading row that begins with STT."""
    start = next(place for place, row in enumerate(rows) if first in row)
    return [row for row in rows[start + 1 :] if isinstance(row[0], float | int) and row[0]]


def test_wards_with_totals_that_equal_the_overview(world: World, make: Make) -> None:
    rows = make(Kind.WARDS)["Tổng hợp"]
    overview = completion_by_ward(world.admin, world.round.id, EVERYTHING)
    for ward, done in overview.items():
        expected = [done.total, done.submitted, done.not_submitted, done.waiting, done.in_review]
        assert line_of(rows, ward.name)[2:9] == [*expected, done.returned, done.confirmed]
    total = line_of(rows, "Tổng cộng")
    whole = list(overview.values())
    assert total[2] == sum(done.total for done in whole) == 5
    assert total[3] == sum(done.submitted for done in whole) == 4
    assert total[3] + total[4] == total[2] and sum(total[5:9]) == total[3]
    assert total[9] == pytest.approx(0.8)
    levels = queries.levels_by_ward(world.admin, world.round.id, EVERYTHING)
    assert sum(total[10:14]) == sum(count for found in levels.values() for count in found.values()) == 1


def test_the_first_sheet_is_the_departments_own_table(make: Make) -> None:
    rows = make(Kind.WARDS)["Tổng hợp"]
    words = " ".join(str(cell) for row in rows for cell in row if cell)
    for part in (
        "UBND TP. CẦN THƠ",
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO",
        "TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ NĂM HỌC 2026 – 2027",
        "(Số liệu đến 07:00, 09/05/2027; Bộ tiêu chí thử, phiên bản 1)",
        "Phạm vi: tất cả trường trong đợt",
        "Cần Thơ, ngày",
        "NGƯỜI LẬP BIỂU",
        "GIÁM ĐỐC",
    ):
        assert part in words, part


def test_a_sheet_counts_who_does_not_meet_each_indicator_by_ward(world: World, make: Make) -> None:
    rows = make(Kind.WARDS)["Chưa đạt"]
    assert table(rows, "STT") == [[1, "Phường Ô Môn", 0, 1, 0]]
    assert line_of(rows, "Tổng cộng")[2:] == [0, 1, 0]
    weakest = most_unmet(
        frameworks.get_framework(round_frameworks(world.round.id)[0].version_id),
        by_all(value_counts(world.admin, world.round.id, EVERYTHING)),
    )
    assert [(row.code, row.unmet) for row in weakest if row.unmet] == [("AT1.2", 1)]


def test_a_commune_exports_its_own_schools_under_its_own_header(world: World, make: Make) -> None:
    book = make(Kind.FULL, actor=world.officer)
    words = " ".join(str(cell) for row in book["Tổng hợp"] for cell in row if cell)
    assert "ỦY BAN NHÂN DÂN PHƯỜNG Ô MÔN" in words and "CHỦ TỊCH" in words and "Thới Lai" not in words
    assert len(table(book["Danh sách trường"], "STT")) == len(table(book["Chi tiết"], "STT")) == 3


def test_names_of_those_who_sign_go_to_the_department_only(world: World, make: Make) -> None:
    assert "Người ký của trường" in heads(make(Kind.SCHOOLS)["Danh sách trường"])
    rows = make(Kind.SCHOOLS, actor=world.officer)["Danh sách trường"]
    assert "Người ký của trường" not in heads(rows)
    assert not any("Trần Thị Mẫu" in row for row in rows)


def heads(rows: Sequence[Sequence[Any]]) -> set[Any]:
    return {cell for row in rows for cell in row if isinstance(cell, str)}


def test_the_list_of_schools_keeps_own_and_verified_apart(world: World, make: Make) -> None:
    rows = make(Kind.SCHOOLS)["Danh sách trường"]
    published, submitted, draft = (line_of(rows, name) for name in (HOSTILE, "THCS Mẫu Ba", "THCS Mẫu Năm"))
    assert published[10] == "Đã công bố" and published[12:16] == [3, 3, 0, 0] == published[16:20]
    assert published[20:23] == [100, "Đạt, xếp loại Tốt", "Danh hiệu thử"] and published[23] == 0
    assert submitted[12:16] == [2, 2, 0, 0] and set(submitted[16:23]) == {""}
    assert draft[10] == "Chưa nộp" and set(draft[12:23]) == {""}
    assert isinstance(published[11], datetime)


def test_every_indicator_has_two_columns_and_words_for_what_has_no_value(world: World, make: Make) -> None:
    rows = make(Kind.INDICATORS)["Chi tiết"]
    values = {row[2]: row[6:12] for row in table(rows, "STT")}
    assert values[HOSTILE] == ["Mức 3"] * 6
    assert values["THCS Mẫu Hai"] == ["Mức 3", "Mức 3", "Mức 3", "Mức 1", "Mức 3", "Mức 3"]
    open_ = "Chưa xác nhận"
    assert values["THCS Mẫu Ba"] == ["Mức 3", open_, "Mức 3", open_, "Không áp dụng", open_]
    assert values["THCS Mẫu Năm"] == ["Chưa nộp", open_] * 3


def test_codes_are_numbers_and_the_sheet_of_codes_explains_the_rest(world: World, make: Make) -> None:
    book = make(Kind.INDICATORS, coded=True)
    values = {row[2]: row[6:12] for row in table(book["Chi tiết"], "STT")}
    assert values["THCS Mẫu Hai"] == [3, 3, 3, 1, 3, 3]
    assert values["THCS Mẫu Ba"] == [3, "CXN", 3, "CXN", "", "CXN"]
    assert values["THCS Mẫu Năm"] == ["CN", "CXN"] * 3
    explained = {row[1] for row in book["Giải thích mã"]}
    assert {"CXN", "CN", "CTL", "ô trống", "published", "thcs", "xa", "tot", "danh_hieu"} <= explained


def test_an_unanswered_indicator_is_not_one_that_does_not_apply(
    world: World, make: Make, session: Any
) -> None:
    answer = session.scalar(select(Answer).where(Answer.indicator == "AT1.2").order_by(Answer.id.desc()))
    other = session.scalars(select(Answer).where(Answer.indicator == "AT1.2").order_by(Answer.id)).all()[3]
    answer.value = other.value = None
    session.flush()
    rows = make(Kind.INDICATORS)["Chi tiết"]
    assert "Chưa trả lời" in line_of(rows, "THCS Mẫu Bốn")
    assert "CTL" in line_of(make(Kind.INDICATORS, coded=True)["Chi tiết"], "THCS Mẫu Bốn")


def test_the_lowest_site_counts(world: World, make: Make, session: Any) -> None:
    form = session.scalars(select(Answer).where(Answer.indicator == "AT1.1").order_by(Answer.id)).all()
    form[-1].value = 1
    session.get(Assessment, form[-1].assessment_id).state = State.SUBMITTED
    session.flush()
    assert line_of(make(Kind.INDICATORS)["Chi tiết"], "THCS Mẫu Năm")[6] == "Mức 1"


def test_filters_narrow_every_sheet_alike(world: World, make: Make) -> None:
    book = make(Kind.FULL, ward_uid=world.wards[1].uid)
    assert len(table(book["Danh sách trường"], "STT")) == len(table(book["Chi tiết"], "STT")) == 2
    assert line_of(book["Tổng hợp"], "Tổng cộng")[2] == 2
    assert any("Phạm vi: Xã Thới Lai" in str(cell) for row in book["Tổng hợp"] for cell in row)
    private = make(Kind.SCHOOLS, ownership="tu_thuc")["Danh sách trường"]
    assert [row[2] for row in table(private, "STT")] == ["THCS Mẫu Năm"]


def test_nothing_to_export_is_said_before_a_job_is_made(world: World, make: Make, session: Any) -> None:
    with pytest.raises(service.NothingToExport):
        make(Kind.WARDS, stage="thpt")
    assert session.scalar(select(ExportFile.id)) is None


def test_a_name_never_becomes_a_formula(make: Make, tmp_path: Path) -> None:
    make(Kind.FULL)
    with zipfile.ZipFile(tmp_path / "book.xlsx") as packed:
        sheets = {
            name: packed.read(name).decode() for name in packed.namelist() if "worksheets/sheet" in name
        }
        links = [name for name in packed.namelist() if "worksheets/_rels" in name]
    formulas = [text.count("<f>") for text in sheets.values()]
    assert sum(formulas) == sum(formulas[:2]) > 0 and not links  # the totals of the two sheets by ward
    assert not any("<f>HYPERLINK" in text for text in sheets.values())


def test_a_draft_says_so_on_every_sheet_and_the_codebook_names_rule_and_version(
    world: World, make: Make, session: Any
) -> None:
    session.scalar(select(FrameworkVersion)).status = "draft"
    session.flush()
    book = make(Kind.FULL)
    assert all(any("BẢN NHÁP" in row for row in rows) for rows in book.values())
    line = line_of(book["Giải thích tiêu chí"], "LM1.1")
    assert "Trường trả lời Có: “Trường có bếp ăn không?”" in line and "1 (bản nháp)" in line
    assert "Có, lấy mức của điểm thấp nhất" in line_of(book["Giải thích tiêu chí"], "AT1.1")
    assert list(book) == [
        "Tổng hợp",
        "Chưa đạt",
        "Danh sách trường",
        "Chi tiết",
        "Giải thích tiêu chí",
        "Giải thích mã",
    ]


def test_two_sets_get_a_sheet_each(session: Any, tmp_path: Path) -> None:
    department = make_department(name=CITY)
    ward = make_commune(department)
    versions = [
        make_framework_version(plain_framework(title=Words(f"Bộ {n}"), code=f"bo{n}")) for n in (1, 2)
    ]
    round_ = make_round(department, versions)
    part = make_participation(round_, make_school(ward))
    for version in versions:
        make_submitted(part, all_at(version, 2), version=version)
    actor = make_actor(Role.DEPARTMENT_ADMIN, department)
    assert queries.count_schools(actor, round_.id, EVERYTHING) == (1, 2)
    file = service.request_export(round_, Kind.FULL, EVERYTHING, coded=False, actor=actor, now=CHECKED)
    service.write_export(file, tmp_path / "two.xlsx", actor=actor, now=CHECKED)
    book = read_book((tmp_path / "two.xlsx").read_bytes())
    assert {"Chi tiết 1", "Chi tiết 2"} <= set(book)
    early, later = (plain_framework(stages=(Named(code, Words(code)),)) for code in ("mam_non", "thcs"))
    assert service.names_of_sets([early, later]) == ["mầm non", "phổ thông"]
    assert line_of(book["Tổng hợp"], "Tổng cộng")[2] == 1
    assert len(table(book["Danh sách trường"], "STT")) == 2


def test_rows_stream_in_few_statements(session: Any, count_queries: Any) -> None:
    counts = []
    for schools in (2, 9):
        department = make_department(name=CITY)
        ward = make_commune(department)
        version = make_framework_version()
        round_ = make_round(department, [version])
        for _ in range(schools):
            make_submitted(make_participation(round_, make_school(ward)), all_at(version, 2))
        actor = make_actor(Role.DEPARTMENT_ADMIN, department)
        session.flush()
        session.expire_all()
        file = service.request_export(round_, Kind.FULL, EVERYTHING, coded=True, actor=actor, now=CHECKED)
        with count_queries() as seen:
            for sheet in service._sheets(file, actor, CHECKED):
                assert list(sheet.rows) or sheet.name == "Chưa đạt"  # nothing is confirmed yet
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 14, counts
