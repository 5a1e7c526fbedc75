"""The register of certificates: the list, one row of it, and what the public may look up."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from survey_app.assessments.models import Assessment
from survey_app.certificates.content import read_content
from survey_app.certificates.models import Certificate
from survey_app.certificates.numbering import number_key, split_year
from survey_app.certificates.queries.scope import stands, visible_certificates
from survey_app.certificates.standing import Standing, standing_of
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.core.vietnamese import fold
from survey_app.core.web import PER_PAGE, Page
from survey_app.organisations.queries import get_unit
from survey_app.rounds.models import Participation, Round

MOST_NAMESAKES = 20


@dataclass(frozen=True)
class RegisterFilter:
    """What the register is narrowed to; empty values narrow nothing. `text`: school, ward or number."""

    text: str = ""
    round_uid: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Entry:
    """One certificate as lists and pages show it: its frozen content and where it stands."""

    row: Certificate
    content: dict[str, Any]
    standing: Standing

    @property
    def decision_date(self) -> date:
        """The day of the Decision."""
        return date.fromisoformat(self.content["decision"]["date"])


def entry_of(certificate: Certificate, today: date) -> Entry:
    """A certificate with its content and its standing on a day."""
    return Entry(certificate, read_content(certificate.content), standing_of(certificate, today))


def list_register(actor: Actor, wanted: RegisterFilter, number: int = 1, *, today: date) -> Page[Entry]:
    """One page of the certificates an actor may see, the latest number first."""
    where = _where(actor, wanted, today)
    total = session.scalar(select(func.count()).select_from(_joined().where(*where).subquery())) or 0
    page = _ordered(where).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Page([entry_of(row, today) for row in session.scalars(page)], number, total)


def latest_certificates(actor: Actor, most: int, *, today: date) -> list[Entry]:
    """The latest of the certificates an actor may see, for a page that shows a few of them."""
    found = session.scalars(_ordered(_where(actor, RegisterFilter(), today)).limit(most))
    return [entry_of(row, today) for row in found]


def stream_register(actor: Actor, wanted: RegisterFilter, *, today: date) -> Iterator[Entry]:
    """Every certificate of the filter, in chunks: the rows of the workbook, upwards as a register is kept."""
    upwards = (
        _joined()
        .where(*_where(actor, wanted, today))
        .order_by(Certificate.year, Certificate.series, Certificate.number, Certificate.id)
    )
    for row in session.scalars(upwards.execution_options(yield_per=500)):
        yield entry_of(row, today)


def _joined() -> Select[Certificate]:
    return (
        select(Certificate)
        .join(Assessment, Assessment.id == Certificate.assessment_id)
        .join(Participation, Participation.id == Assessment.participation_id)
    )


def _ordered(where: Sequence[ColumnElement[bool]]) -> Select[Certificate]:
    return (
        _joined()
        .where(*where)
        .order_by(
            Certificate.year.desc(), Certificate.series, Certificate.number.desc(), Certificate.id.desc()
        )
    )


def _where(actor: Actor, wanted: RegisterFilter, today: date) -> list[ColumnElement[bool]]:
    clauses = [visible_certificates(actor)]
    words = fold(wanted.text).split()
    if words:
        named = and_(*(Participation.search_text.contains(word, autoescape=True) for word in words))
        clauses.append(or_(named, Certificate.number_key.contains(number_key(wanted.text), autoescape=True)))
    if wanted.round_uid:
        round_id = select(Round.id).where(Round.uid == wanted.round_uid).scalar_subquery()
        clauses.append(Assessment.round_id == round_id)
    if wanted.standing:
        clauses.append(_stands(Standing(wanted.standing), today))
    return clauses


def _stands(standing: Standing, today: date) -> ColumnElement[bool]:
    """The same order of reasons as `standing_of`; a broken content is not a state of the row."""
    if standing is Standing.REVOKED:
        return Certificate.revoked_at.is_not(None)
    if standing is Standing.SUPERSEDED:
        return and_(Certificate.revoked_at.is_(None), Certificate.superseded_at.is_not(None))
    in_time = Certificate.valid_until >= today
    return and_(stands(), in_time if standing is Standing.VALID else ~in_time)


def standing_of_forms(form_ids: Collection[int]) -> Sequence[Certificate]:
    """The certificates that stand on these forms: neither revoked nor replaced, one a form at the most."""
    return session.scalars(select(Certificate).where(Certificate.assessment_id.in_(form_ids), stands())).all()


def rounds_with_certificates(actor: Actor) -> Sequence[tuple[str, str]]:
    """(public id, title) of the rounds that an actor sees certificates of, the latest first."""
    rows = session.execute(
        select(Round.uid, Round.title)
        .where(
            Round.id.in_(
                select(Assessment.round_id)
                .join(Certificate, Certificate.assessment_id == Assessment.id)
                .where(visible_certificates(actor))
            )
        )
        .order_by(Round.opens_at.desc(), Round.id.desc())
    )
    return [(uid, title) for uid, title in rows]


def find_by_code(code: str) -> Certificate | None:
    """The certificate with this look-up code: public."""
    return session.scalar(select(Certificate).where(Certificate.code == code))


def find_by_number(text: str) -> Sequence[Certificate]:
    """The certificates with this printed number, the latest year first: numbers begin anew each year.

    "0039" alone is enough, and a year behind it ("39/GCN-SGDĐT năm 2026") leaves that year's.
    """
    found = _numbered(number_key(text), None)
    number, year = split_year(text)
    return found if found or year is None else _numbered(number_key(number), year)


def _numbered(key: str, year: int | None) -> Sequence[Certificate]:
    if not key:
        return []
    alone = key.isdigit() and len(key) < 8
    where = [Certificate.number == int(key) if alone else Certificate.number_key == key]
    if year is not None:
        where.append(Certificate.year == year)
    return session.scalars(
        select(Certificate)
        .where(*where)
        .order_by(Certificate.year.desc(), Certificate.id.desc())
        .limit(MOST_NAMESAKES)
    ).all()


def successor_of(certificate: Certificate) -> Certificate | None:
    """The certificate that was issued in this one's place, or None."""
    key = certificate.superseded_by_id
    return None if key is None else session.get(Certificate, key)


def predecessor_of(certificate: Certificate) -> Certificate | None:
    """The certificate in whose place this one was issued, or None."""
    return session.scalar(select(Certificate).where(Certificate.superseded_by_id == certificate.id))


def called_today(unit_id: int) -> tuple[str, str]:
    """What a school and its ward are called in the list of units now ("" for no ward)."""
    unit = get_unit(unit_id)
    return unit.name, unit.parent.name if unit.parent else ""


def name_on(certificate: Certificate) -> str:
    """The school's name as the certificate has it."""
    return str(read_content(certificate.content)["unit"]["name"])
