"""How the papers of a school begin and end: its mark and own header, and who signs by the type of unit.

A school's paper has its managing authority in line 1 and the school in line 2 (Nghị định 30/2020/NĐ-CP,
Appendix I). A deputy signs for the head: "KT. HIỆU TRƯỞNG" above "PHÓ HIỆU TRƯỞNG".
"""

from dataclasses import dataclass
from datetime import date

from survey_app.assessments.queries import Form
from survey_app.documents.letterhead import SIGN_HERE, Letterhead, Signature
from survey_app.organisations.models import COMMUNE, OrganisationUnit
from survey_app.organisations.places import bare_name, province_in
from survey_app.rounds.models import PRACTICE, Participation

SIGN_OVER_NAME = "(Ký, đóng dấu (nếu có))"


def paper_mark(form: Form) -> str:
    """What stands on every page of a paper that counts for nothing: a practice round, a draft set, or "".

    A set that is not in force marks everything made from it (design decision 19); a round to learn by
    does too.
    """
    marks = [("THỬ NGHIỆM", form.round.purpose == PRACTICE), ("BẢN NHÁP", form.framework.is_draft)]
    return " · ".join(words for words, so in marks if so)


@dataclass(frozen=True)
class Office:
    """Who leads a type of unit; `deputy` is "" where nobody signs in the head's place."""

    head: str
    deputy: str = ""


OFFICES: dict[str, Office] = {
    "truong": Office("Hiệu trưởng", "Phó Hiệu trưởng"),
    "trung_tam": Office("Giám đốc trung tâm", "Phó Giám đốc trung tâm"),
    "lop_doc_lap": Office("Chủ cơ sở"),
}


def office_of(unit_type: str) -> Office:
    """Who signs for a unit of this type (a code of `UNIT_TYPE_NAMES`); a school's for any other."""
    return OFFICES.get(unit_type, OFFICES["truong"])


def signature_of(unit_type: str, name: str = "", *, deputy: bool = False) -> Signature:
    """The place to sign: the head's title, or "KT. …" above the deputy's; a seal only "nếu có".

    `deputy` counts only where the type of unit has deputies. Without `name` the paper asks for it.
    """
    office, note = office_of(unit_type), SIGN_OVER_NAME if name else SIGN_HERE
    if deputy and office.deputy:
        return Signature(office.deputy, on_behalf=f"KT. {office.head}", name=name, note=note)
    return Signature(office.head, name=name, note=note)


def school_letterhead(
    part: Participation, *, number: str = "", day: date | None = None, dated: bool = True
) -> Letterhead:
    """The header of a school's paper in a round: line 1 its managing authority, line 2 the school.

    The school's name is the one it had when the round opened. `number` and `day` as in
    `documents.letterhead.Letterhead` ("/QĐ-THCSAB" leaves the number to be written by hand); without `dated`
    there is no line of place and date, for a paper that has it above the signature.
    """
    return Letterhead(
        authority_name(_authority(part)),
        name_on_paper(part),
        number,
        signing_place(part) if dated else "",
        day,
    )


def name_on_paper(part: Participation) -> str:
    """A school as its own papers name it: "Trường THCS Ninh Kiều"; lists leave the first word out."""
    bare = part.unit_type == "truong" and not part.unit_name.casefold().startswith("trường")
    return f"Trường {part.unit_name}" if bare else part.unit_name


def authority_name(unit: OrganisationUnit) -> str:
    """An authority as papers name it: "Ủy ban nhân dân phường Ô Môn", a department by its own name."""
    if unit.kind != COMMUNE:
        return unit.name
    return f"Ủy ban nhân dân {unit.name[:1].lower()}{unit.name[1:]}"


def signing_place(part: Participation) -> str:
    """The place of the date line: the ward of a school under a commune, the province of one under the Sở."""
    authority = _authority(part)
    province = "" if authority.kind == COMMUNE else province_in(authority.name)
    return bare_name(province or part.ward_name)


def _authority(part: Participation) -> OrganisationUnit:
    return part.unit.managing_authority or part.reviewing_unit
