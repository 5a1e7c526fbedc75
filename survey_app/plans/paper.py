"""The plan as a Word file with the school's own header, lying on A4."""

from survey_app.core.filters import write_date
from survey_app.documents.paper import write_vietnamese_number
from survey_app.documents.word import Column, WordPaper
from survey_app.plans.content import TITLE, PlanPaper

COLUMNS = (
    Column("TT", 8, "center"),
    Column("Tiêu chí", 17),
    Column("Việc cần làm", 78),
    Column("Người phụ trách", 32),
    Column("Hạn", 24, "center"),
    Column("Kinh phí (nghìn đồng)", 26, "right"),
    Column("Ưu tiên", 16, "center"),
    Column("Trạng thái", 22, "center"),
    Column("Minh chứng khi xong", 34),
)


def plan_docx(plan: PlanPaper) -> bytes:
    """The .docx file; everything a person typed stands in it as text."""
    paper = WordPaper(f"{TITLE}, {plan.subject}", wide=True)
    paper.letterhead(plan.letterhead)
    paper.title(TITLE, plan.subject, f"({plan.set_line}{f'; {plan.mark}' if plan.mark else ''})")
    if plan.rows:
        paper.table(COLUMNS, [_cells(number, plan) for number in range(len(plan.rows))])
        if plan.cost:
            paper.paragraph(f"Tổng kinh phí dự kiến: {write_vietnamese_number(plan.cost)} nghìn đồng.")
    else:
        paper.paragraph("Kế hoạch chưa có việc nào.")
    paper.signing(plan.signature)
    return paper.to_bytes()


def _cells(number: int, plan: PlanPaper) -> tuple[str, ...]:
    row = plan.rows[number]
    cost = "" if row.cost is None else write_vietnamese_number(row.cost)
    return (
        str(number + 1),
        row.indicator,
        row.action,
        row.person,
        write_date(row.due_on),
        cost,
        row.priority,
        row.status,
        row.evidence,
    )
