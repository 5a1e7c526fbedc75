"""Published rounds, batches and issued certificates for tests; everything goes through the services."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from survey_app.certificates import service
from survey_app.certificates.content import IssuedBy, Recognised, freeze, years_later
from survey_app.certificates.models import ORDERED, Certificate, CertificateBatch
from survey_app.certificates.queries import certificates_of, eligible
from survey_app.certificates.service import Decision
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.organisations.models import OrganisationUnit
from survey_app.rounds.models import Participation, Round
from survey_app.rules.framework import Framework, Words
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.assessments import all_at
from tests.factories.frameworks import plain_framework
from tests.factories.organisations import make_commune, make_department
from tests.factories.results import CHECKED, make_checked, make_schools_in, publish_all
from tests.factories.rounds import make_framework_version, make_round

CITY = "Sở Giáo dục và Đào tạo thành phố Cần Thơ"
DECIDED = date(2027, 5, 10)
ISSUED_AT = CHECKED + timedelta(days=4)
BASE_URL = "https://truonghoc.example"
DISCLAIMER = "Không thay thế kết quả công nhận trường học an toàn, phòng, chống tai nạn thương tích."


def certified_framework(**values: Any) -> Framework:
    """A small set whose title has a certificate that says it does not replace the circular's."""
    start: dict[str, Any] = {"texts": {"certificate_line": (Words(DISCLAIMER, "Does not replace."),)}}
    return plain_framework(**(start | values))


@dataclass(frozen=True)
class Town:
    """A department with one ward, its published round and the schools in it, and who may issue.

    Holds keys, so that it outlives a session; the rows are read anew in the present one.
    """

    department_id: int
    round_id: int
    round_uid: str
    admin: Actor

    @property
    def department(self) -> OrganisationUnit:
        """The department."""
        return session.get_one(OrganisationUnit, self.department_id)

    @property
    def round(self) -> Round:
        """The published round."""
        return session.get_one(Round, self.round_id)

    @property
    def parts(self) -> list[Participation]:
        """The schools in the order they were made."""
        found = select(Participation).where(Participation.round_id == self.round_id)
        return list(session.scalars(found.order_by(Participation.id)))


def make_town(schools: int = 3, *, failing: int = 0, draft: bool = False, **values: Any) -> Town:
    """A published round: `schools` with the highest result, then `failing` ones without a title."""
    department = make_department(name=values.pop("name", CITY))
    ward = make_commune(department, name="Phường Ô Môn")
    framework = certified_framework(**({"status": "draft"} if draft else {}))
    version = make_framework_version(framework)
    round_ = make_round(department, [version], **values)
    parts = make_schools_in(round_, ward, schools + failing)
    for place, part in enumerate(parts):
        make_checked(part, all_at(version, 3 if place < schools else 1))
    publish_all(round_)
    service.ensure_issuer(department, since=date(2026, 9, 1), now=CHECKED)
    admin = make_actor(Role.DEPARTMENT_ADMIN, department)
    return Town(department.id, round_.id, round_.uid, admin)


def a_decision(**values: Any) -> Decision:
    """A Decision signed by the director."""
    start = {
        "number": "345/QĐ-SGDĐT",
        "day": DECIDED,
        "signer_title": "Giám đốc",
        "signer_name": "Lê Văn Mẫu",
    }
    return Decision(**(start | values))


def make_batch(town: Town, *, allow_draft: bool = False, **values: Any) -> CertificateBatch:
    """A prepared batch of every eligible school, with a Decision."""
    ids = [one.result_id for one in eligible(town.round.id, allow_draft=allow_draft)]
    batch = service.prepare_batch(town.round, ids, allow_draft=allow_draft, actor=town.admin, now=ISSUED_AT)
    return service.set_decision(batch, a_decision(**values), actor=town.admin, now=ISSUED_AT)


def issue_now(town: Town, batch: CertificateBatch) -> list[Certificate]:
    """Order a batch and issue it in the acting transaction, without papers."""
    batch.state, batch.ordered_at = ORDERED, ISSUED_AT
    session.flush()
    service.issue_part(batch.id, batch.result_ids, base_url=BASE_URL, actor=town.admin, now=ISSUED_AT)
    service.close_batch(batch.id)
    return list(certificates_of(batch.id))


def sample_content(**values: Any) -> dict[str, Any]:
    """A frozen content without a database; `values` replace parts of it."""
    framework = certified_framework()
    earned = Recognised(
        "Trường Trung học cơ sở Mẫu Hướng Dương",
        "Phường Ô Môn",
        "thành phố Cần Thơ",
        "2026-2027",
        framework,
        framework.status,
        "danh_hieu",
        "tot",
        "0" * 32,
        "0" * 64,
    )
    issued_by = IssuedBy(
        "Ủy ban nhân dân thành phố Cần Thơ",
        "Sở Giáo dục và Đào tạo",
        f"Giám đốc {CITY}",
        "Cần Thơ",
        "",
        "345/QĐ-SGDĐT",
        DECIDED,
        "Giám đốc",
        "Lê Văn Mẫu",
    )
    number, code = "0001/GCN-SGDĐT", "K7QFM2XWPA9TBRDH4CVEYNG3SZ"
    until = years_later(DECIDED, 2)
    content = freeze(
        earned, issued_by, number=number, code=code, base_url=BASE_URL, valid_until=until, trial=False
    )
    return content | values


def thaw() -> None:
    """Let the open transaction change frozen certificates, as somebody who may rewrite the database could."""
    where = "" if session.get_bind().dialect.name == "sqlite" else " ON certificate"
    for act in ("update", "delete"):
        session.connection().exec_driver_sql(f"DROP TRIGGER certificate_frozen_{act}{where}")
