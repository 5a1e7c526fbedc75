"""A school whose pages hold all they can: long names, five sites, last year, team, plan, certificate."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from survey_app.assessments.models import Answer, Assessment, EvidenceUse, TeamMember
from survey_app.certificates import service as certificates
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.frameworks.loader import load_folder
from survey_app.frameworks.models import FrameworkVersion
from survey_app.notices.service import notify
from survey_app.organisations.models import OrganisationUnit, Site
from survey_app.plans.models import PlanItem
from survey_app.rounds.models import Round
from survey_app.rules.framework import Framework
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.assessments import all_at, make_assessment
from tests.factories.certificates import CITY, Town, issue_now, make_batch
from tests.factories.evidence import make_file
from tests.factories.organisations import make_commune, make_department, make_school
from tests.factories.results import make_checked, make_schools_in, publish_all
from tests.factories.rounds import make_framework_version, make_participation, make_round

GENERAL = Path(__file__).parents[2] / "criteria" / "pho-thong" / "0.2"
SCHOOL = "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai – Trường Xuân"
WARD, PERSON = "Phường Trường Khánh Nguyễn Việt Hồng", "Công Tằng Tôn Nữ Nguyễn Thị Thùy Dương"
PLACE = "Điểm trường ấp Trường Thọ Bắc, phân hiệu"
ADDRESS = "https://truong.example/" + "ke-hoach-phong-chong-tai-nan-thuong-tich-" * 2
COMMENT = f"Có biên bản kiểm tra, sổ theo dõi và ảnh chụp trong năm học này, xem {ADDRESS}"


@dataclass(frozen=True)
class FullSchool:
    """Public ids of this year's form and the published one, of a certificate and a file; who sits there."""

    this: str
    last: str
    certificate: str
    file: str
    head: Actor


def general_set() -> Framework:
    """The general criteria set as it ships."""
    return load_folder(GENERAL).framework


def make_full_school(now: datetime) -> FullSchool:
    """The school in a round that is open at `now`, written into the open session."""
    department = make_department(name=CITY)
    ward = make_commune(department, name=WARD, contact_name=PERSON, contact_phone="0292 3000 111")
    school = make_school(ward, name=SCHOOL, sites=5)
    for site in session.scalars(select(Site).where(Site.unit_id == school.id)):
        site.name = f"{PLACE} {site.code}"
    version = make_framework_version(general_set())
    head = make_actor(Role.UNIT_HEAD, school, name=PERSON)
    last, town = _last_year(school, version, now - timedelta(days=365))
    issued = issue_now(town, make_batch(town, allow_draft=True))
    certificate = next(one for one in issued if one.unit_id == school.id)
    round_ = _round(department, version, now, "2026-2027")
    this = make_assessment(make_participation(round_, school), all_at(version, 2))
    file = _fill(this, head, now)
    return FullSchool(this.uid, last.uid, certificate.uid, file, head)


def _round(department: OrganisationUnit, version: FrameworkVersion, now: datetime, school_year: str) -> Round:
    opens, closes = now - timedelta(days=2), now + timedelta(days=10)
    later = {"commune_closes_at": now + timedelta(days=20), "department_closes_at": now + timedelta(days=30)}
    times = {"opens_at": opens, "closes_at": closes, "school_year": school_year, **later}
    return make_round(department, [version], **times)


def _last_year(school: OrganisationUnit, version: FrameworkVersion, now: datetime) -> tuple[Assessment, Town]:
    """A published round with five schools like it."""
    assert school.parent is not None and school.parent.parent is not None
    department = school.parent.parent
    round_ = _round(department, version, now, "2025-2026")
    form = make_checked(make_participation(round_, school), all_at(version, 3), {"LM1.1": 2}, reason=COMMENT)
    for part in make_schools_in(round_, school.parent, 5):
        make_checked(part, all_at(version, 2))
    publish_all(round_)
    certificates.ensure_issuer(department, since=date(2026, 9, 1), now=now)
    admin = make_actor(Role.DEPARTMENT_ADMIN, department)
    return form, Town(department.id, round_.id, round_.uid, admin)


def _fill(form: Assessment, head: Actor, now: datetime) -> str:
    """Words beside every answer of the main site, files, a team, a plan, notices; a file's public id."""
    codes = list(general_set().by_code)
    sites = select(Site.id).where(Site.unit_id == head.unit_id)
    main = sites.where(Site.is_main)
    beside = (Answer.assessment_id == form.id) & ((Answer.site_id == 0) | Answer.site_id.in_(main))
    session.execute(update(Answer).where(beside).values(comment=COMMENT))
    one = session.scalars(sites.order_by(Site.id.desc())).first()  # in one area it is not like the others
    lower = (Answer.assessment_id == form.id) & (Answer.site_id == one) & Answer.indicator.like("AT%")
    session.execute(update(Answer).where(lower).values(value=1))
    file = make_file(head, f"{COMMENT} {SCHOOL}"[:200])
    for code in codes[:20]:
        use = {"indicator": code, "evidence_id": file.id, "number": 1, "added_at": now}
        session.add(EvidenceUse(assessment_id=form.id, **use))
        written = {"action": COMMENT, "person": PERSON, "due_on": now.date(), "cost": 12_345_678}
        times = {"created_at": now, "updated_at": now}
        session.add(PlanItem(assessment_id=form.id, indicator=code, **written, **times))
    for number, criterion in enumerate(general_set().criteria):
        duty = "chair" if number == 0 else "member"
        person = {"name": PERSON, "position": SCHOOL, "duty": duty, "criteria": [criterion]}
        session.add(TeamMember(assessment_id=form.id, **person))
        notify(head.unit_id, kind="x", title=COMMENT[:200], now=now)
    session.flush()
    return file.uid
