"""Importing lists of schools: every trap of real lists, with invented rows."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey_app.core.audit import AuditEvent
from survey_app.organisations import intake, service
from survey_app.organisations.intake import BadHeadings, ImportPlan
from survey_app.organisations.models import OrganisationUnit, Site, UnitAlias
from survey_app.organisations.queries import open_sites, stages_of, unit_by_code
from survey_app.organisations.spreadsheet import Table, read_table

DATA = Path(__file__).parents[1] / "data"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "schools" / "can_tho_thcs_thpt_2025.csv"
HEADINGS = ("ma_truong", "ten_truong", "cap", "ma_xa", "ten_xa")


@pytest.fixture
def department(session: Any, now: datetime) -> OrganisationUnit:
    service.load_communes(now=now)
    return service.the_department()


def plan_file(name: str, department: OrganisationUnit) -> ImportPlan:
    path = DATA / name
    return service.plan_import(read_table(path.name, path.read_bytes()), department_id=department.id)


def plan_rows(
    department: OrganisationUnit, *rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS
) -> ImportPlan:
    table = Table(headings, tuple(enumerate(rows, start=2)))
    return service.plan_import(table, department_id=department.id)


def write(plan: ImportPlan, department: OrganisationUnit, now: datetime) -> service.ImportCount:
    return service.apply_import(plan, department_id=department.id, source="tệp thử", actor=None, now=now)


def test_the_shipped_communes_are_103_and_loading_twice_changes_nothing(session: Any, now: datetime) -> None:
    assert service.load_communes(now=now) == service.LoadCount(103, 0, 0)
    assert service.load_communes(now=now) == service.LoadCount(0, 0, 103)
    kinds = dict(
        session.execute(
            select(OrganisationUnit.area_type, func.count())
            .where(OrganisationUnit.kind == "commune")
            .group_by("area_type")
        ).all()
    )
    assert kinds == {"phuong": 31, "xa": 72}


def test_a_renamed_commune_keeps_its_old_name(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    ward = unit_by_code("31135")
    assert ward is not None
    ward.name = "Phường Tên Cũ"
    session.flush()
    assert service.load_communes(now=now).changed == 1
    assert session.scalar(select(UnitAlias.name)) == "Phường Tên Cũ"
    assert "ten cu" in ward.search_text


def test_a_good_list_is_written_and_read_again_changes_nothing(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    plan = plan_file("schools_good.csv", department)
    assert not plan.faults and plan.count() == {intake.NEW: 8}
    assert write(plan, department, now) == service.ImportCount(8, 0)
    assert plan_file("schools_good.csv", department).count() == {intake.SAME: 8}


def test_codes_keep_zeros_and_letters_and_sites_are_made(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    write(plan_file("schools_good.csv", department), department, now)
    school, gifted = unit_by_code("01000711"), unit_by_code("92000F99")
    assert school is not None and gifted is not None
    assert [site.name for site in open_sites(school.id)] == ["Điểm chính", "Điểm Ấp Mẫu 1", "Điểm Ấp Mẫu 2"]
    assert open_sites(school.id)[1].address == "Ấp Mẫu 1"
    assert school.managing_authority_id == school.parent_id
    assert gifted.managing_authority_id == department.id


def test_the_catch_all_stage_is_read_from_the_name(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    plan = plan_file("schools_good.csv", department)
    write(plan, department, now)
    both = unit_by_code("92000997")
    assert both is not None and stages_of(both.id) == ("thcs", "thpt")
    assert any(row == 5 and "THCS, THPT" in note.text for row, note in plan.warnings)


def test_one_name_twice_is_taken_with_a_warning(session: Any, department: OrganisationUnit) -> None:
    plan = plan_file("schools_good.csv", department)
    assert [row for row, note in plan.warnings if "Trùng tên" in note.text] == [2, 7]


def test_the_code_of_the_other_list_is_refused(session: Any, department: OrganisationUnit) -> None:
    plan = plan_file("schools_two_code_lists.csv", department)
    reasons = {row: note.text for row, note in plan.faults}
    assert set(reasons) == {2, 3}
    assert "Phường Thốt Nốt" in reasons[2] and "31228" in reasons[2]
    assert "31207" in reasons[3]


def test_a_commune_that_became_a_ward_is_taken(session: Any, department: OrganisationUnit) -> None:
    plan = plan_file("schools_ward_became_phuong.csv", department)
    assert plan.count() == {intake.NEW: 1}
    assert "Phường Ngã Bảy" in plan.warnings[0][1].text


def test_each_fault_names_row_column_and_reason(session: Any, department: OrganisationUnit) -> None:
    plan = plan_file("schools_faults.csv", department)
    faults = {(row, note.column) for row, note in plan.faults}
    assert faults >= {
        (3, "ten_truong"),
        (4, "cap"),
        (5, "ma_xa"),
        (6, "ma_xa"),
        (7, "ten_truong"),
        (8, "ma_truong"),
        (9, "ma_truong"),
        (10, "ma_truong"),
        (11, "ma_truong"),
        (12, "ma_truong"),
        (13, "email"),
    }
    assert [row.row for row in plan.of(intake.NEW)] == [2]


def test_missing_columns_are_named(session: Any, department: OrganisationUnit) -> None:
    with pytest.raises(BadHeadings) as refused:
        plan_rows(department, headings=("ma_truong", "ten_truong", "Cấp"))
    assert "Mã xã 2026" in str(refused.value) and "Tên xã 2026" in str(refused.value)
    with pytest.raises(BadHeadings, match="hai cột"):
        plan_rows(department, headings=(*HEADINGS, "Mã trường"))


def test_upsert_by_code_shows_old_and_new_and_keeps_the_old_name(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    write(
        plan_rows(department, ("92000901", "THCS Mẫu Cũ", "THCS", "31135", "Phường Ninh Kiều")),
        department,
        now,
    )
    plan = plan_rows(
        department, ("92000901", "THCS và THPT Mẫu Mới", "THCS, THPT", "31120", "Phường Cái Khế")
    )
    changed = {heading: (old, new) for heading, old, new in plan.rows[0].changes}
    assert changed["Tên trường"] == ("THCS Mẫu Cũ", "THCS và THPT Mẫu Mới")
    assert changed["Cơ quan quản lý"] == ("Xã, phường", "Sở")
    write(plan, department, now)
    school = unit_by_code("92000901")
    assert school is not None and school.managing_authority_id == department.id
    assert "mau cu" in school.search_text and "cai khe" in school.search_text
    assert session.scalar(select(AuditEvent.old).where(AuditEvent.action == "organisation.change"))


def test_a_silent_column_changes_nothing(session: Any, department: OrganisationUnit, now: datetime) -> None:
    full = (*HEADINGS, "dia_chi", "diem_le", "co_quan_quan_ly")
    row = ("92000902", "THCS Mẫu", "THCS", "31135", "Phường Ninh Kiều")
    write(plan_rows(department, (*row, "Số 1", "Điểm Hai", "Sở"), headings=full), department, now)
    school = unit_by_code("92000902")
    assert school is not None and school.managing_authority_id == department.id
    assert plan_rows(department, row).count() == {intake.SAME: 1}


def test_a_site_no_longer_named_ends_and_stays_in_history(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    headings = (*HEADINGS, "diem_le")
    row = ("92000903", "THCS Mẫu", "THCS", "31135", "Phường Ninh Kiều")
    write(plan_rows(department, (*row, "Điểm Hai; Điểm Ba"), headings=headings), department, now)
    plan = plan_rows(department, (*row, "Điểm Ba"), headings=headings)
    assert any("Điểm Hai" in note.text for _, note in plan.warnings)
    write(plan, department, now)
    school = unit_by_code("92000903")
    assert school is not None
    assert [site.name for site in open_sites(school.id)] == ["Điểm chính", "Điểm Ba"]
    assert session.scalar(select(func.count()).select_from(Site).where(Site.unit_id == school.id)) == 3


def test_an_old_code_is_refused_with_the_present_one(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    write(
        plan_rows(department, ("92000904", "THCS Mẫu", "THCS", "31135", "Phường Ninh Kiều")), department, now
    )
    school = unit_by_code("92000904")
    assert school is not None
    session.add(UnitAlias(unit_id=school.id, code="92999904", source="Mã cũ"))
    session.flush()
    plan = plan_rows(department, ("92999904", "THCS Mẫu", "THCS", "31135", "Phường Ninh Kiều"))
    assert "92000904" in plan.faults[0][1].text


def test_a_failed_write_leaves_nothing(app: Flask, now: datetime) -> None:
    from survey_app.core.db import unit_of_work

    runner = app.test_cli_runner()
    assert runner.invoke(args=["organisations", "load-communes"]).exit_code == 0
    answer = runner.invoke(args=["organisations", "import", str(DATA / "schools_faults.csv")])
    assert answer.exit_code == 1 and "dòng 3 | ten_truong" in answer.output
    with app.app_context(), unit_of_work() as session:
        assert session.scalar(select(func.count()).where(OrganisationUnit.kind == "school")) == 0
    answer = runner.invoke(args=["organisations", "import", "--good-rows", str(DATA / "schools_faults.csv")])
    assert "thêm 1" in answer.output
    with app.app_context(), unit_of_work() as session:
        assert session.scalar(select(func.count()).where(OrganisationUnit.kind == "school")) == 1


def test_a_dry_run_writes_nothing(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["organisations", "load-communes"])
    answer = runner.invoke(args=["organisations", "import", "--dry-run", str(DATA / "schools_good.csv")])
    assert answer.exit_code == 0 and "mới 8" in answer.output and "chưa ghi gì" in answer.output
    with app.app_context():
        assert unit_by_code("01000711") is None


def test_import_before_the_communes_says_what_to_do(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["organisations", "import", str(DATA / "schools_good.csv")])
    assert answer.exit_code == 1 and "load-communes" in answer.output and "Traceback" not in answer.output


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder with real lists is not here")
def test_the_real_list_of_340_schools_loads_as_it_is(
    session: Any, department: OrganisationUnit, now: datetime
) -> None:
    plan = service.plan_import(read_table(SHARED.name, SHARED.read_bytes()), department_id=department.id)
    assert plan.faults == [] and plan.count() == {intake.NEW: 340}
    assert sum("Trùng tên" in note.text for _, note in plan.warnings) == 24
    write(plan, department, now)
    again = service.plan_import(read_table(SHARED.name, SHARED.read_bytes()), department_id=department.id)
    assert again.count() == {intake.SAME: 340}
    assert unit_by_code("92000F01") is not None
