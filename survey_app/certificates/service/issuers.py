"""Who issues: a new version ends the one before it; nothing that was issued changes."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select

from survey_app.certificates.models import Issuer
from survey_app.certificates.numbering import check_pattern
from survey_app.core import audit
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.filters import write_date
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.places import province_in
from survey_app.rules.errors import N_, BadInput

PATTERN = "{number:04}/GCN-SGDĐT"
BASIS_TO_COME = (
    "Chưa có căn cứ: Sở cần có quyết định hoặc hướng dẫn riêng về việc cấp giấy chứng nhận theo bộ tiêu chí "
    "này, ghi vào đây trước khi cấp chính thức."
)


class NotLater(BadInput):
    """A new version must begin after the one it ends."""

    message = N_("Ngày bắt đầu phải sau ngày %(day)s của bản đang áp dụng.")


@dataclass(frozen=True)
class IssuerFacts:
    """What one version says of who issues. `stage` "" is for every stage without a version of its own."""

    superior: str
    agency: str
    heading: str
    place: str
    signer_title: str
    number_pattern: str
    valid_from: date
    signer_name: str = ""
    legal_basis: str = ""
    stage: str = ""


def add_issuer(department_id: int, facts: IssuerFacts, *, actor: Actor | None, now: datetime) -> Issuer:
    """A new version from its first day on; the version before it ends on that day.

    Raises `numbering.BadPattern`, `NotLater`.
    """
    check_pattern(facts.number_pattern)
    before = session.scalar(
        select(Issuer).where(
            Issuer.department_id == department_id, Issuer.stage == facts.stage, Issuer.valid_to.is_(None)
        )
    )
    if before is not None:
        if facts.valid_from <= before.valid_from:
            raise NotLater(day=write_date(before.valid_from))
        before.valid_to = facts.valid_from
    issuer = Issuer(department_id=department_id, **asdict(facts))
    session.add(issuer)
    session.flush()
    new = asdict(facts) | {"valid_from": facts.valid_from.isoformat()}
    audit.record(actor, "issuer.add", issuer, now=now, new=new)
    return issuer


def ensure_issuer(department: OrganisationUnit, *, since: date | None = None, now: datetime) -> Issuer:
    """The department's general issuer, made in the usual words when it has none.

    In force from `since`, or since the department exists. Its legal basis says that the department's own
    Decision is still to be named.
    """
    found = session.scalar(
        select(Issuer)
        .where(Issuer.department_id == department.id, Issuer.stage == "")
        .order_by(Issuer.valid_from.desc(), Issuer.id.desc())
        .limit(1)
    )
    if found is not None:
        return found
    province = province_in(department.name)
    facts = IssuerFacts(
        superior=f"Ủy ban nhân dân {province}".strip(),
        agency=department.name.removesuffix(province).strip(),
        heading=f"Giám đốc {department.name}",
        place=(province.partition(" ")[2].removeprefix("phố ") or department.name)[:64],
        signer_title="Giám đốc",
        number_pattern=PATTERN,
        valid_from=since or department.valid_from,
        legal_basis=BASIS_TO_COME,
    )
    return add_issuer(department.id, facts, actor=None, now=now)
