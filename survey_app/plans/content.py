"""What a plan on paper says: plain rows for the Word file and the workbook, always in Vietnamese."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from survey_app.assessments.queries import Form
from survey_app.assessments.signing import paper_mark, school_letterhead, signature_of
from survey_app.core.clock import local_date
from survey_app.core.filters import write_school_year
from survey_app.documents.letterhead import Letterhead, Signature
from survey_app.evidence.models import EvidenceFile
from survey_app.plans.items import PRIORITY_NAMES, SHOWN_NAMES, marks_total, shown_status
from survey_app.plans.models import PlanItem

TITLE = "Kế hoạch cải thiện"


@dataclass(frozen=True)
class Row:
    """One action; `cost` in thousand đồng, `marks` the sum of five marks where all are given."""

    indicator: str
    statement: str
    action: str
    person: str
    due_on: date | None
    cost: int | None
    priority: str
    marks: int | None
    status: str
    evidence: str


@dataclass(frozen=True)
class PlanPaper:
    """A whole plan, ready to be written; `mark` says that the set is a draft."""

    letterhead: Letterhead
    signature: Signature
    subject: str
    set_line: str
    mark: str
    made_at: datetime
    rows: tuple[Row, ...]

    @property
    def cost(self) -> int:
        """The sum of the costs that are known, in thousand đồng."""
        return sum(row.cost or 0 for row in self.rows)


def plan_paper(
    form: Form, items: Sequence[PlanItem], files: Mapping[int, Sequence[EvidenceFile]], now: datetime
) -> PlanPaper:
    """The paper of a plan as it stands on the day of `now`; `files` by item."""
    framework, part = form.framework, form.participation
    return PlanPaper(
        school_letterhead(part, day=local_date(now)),
        signature_of(part.unit_type),
        f"Năm học {write_school_year(form.round.school_year)}",
        f"{framework.title.vi}, phiên bản {framework.version}",
        paper_mark(form),
        now,
        tuple(_row(form, item, files.get(item.id, ()), local_date(now)) for item in items),
    )


def _row(form: Form, item: PlanItem, files: Sequence[EvidenceFile], today: date) -> Row:
    indicator = form.framework.by_code.get(item.indicator)
    return Row(
        item.indicator,
        indicator.statement.vi if indicator else "",
        item.action,
        item.person,
        item.due_on,
        item.cost,
        PRIORITY_NAMES[item.priority],
        marks_total(item.marks),
        SHOWN_NAMES[shown_status(item.status, item.due_on, today)],
        "; ".join(file.title for file in files),
    )
