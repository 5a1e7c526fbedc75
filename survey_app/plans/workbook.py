"""The plan as a workbook in the form of the Department's own tables; what people typed stays text."""

from dataclasses import astuple

from survey_app.core.filters import write_minute
from survey_app.documents.xlsx import Column, Sheet, write_book
from survey_app.plans.content import TITLE, PlanPaper

COLUMNS = (
    Column("Mã tiêu chí", width=10),
    Column("Tiêu chí", width=36),
    Column("Việc cần làm", width=46),
    Column("Người phụ trách", width=20),
    Column("Hạn", "date", width=12),
    Column("Kinh phí (nghìn đồng)", "integer", width=14, total="sum"),
    Column("Ưu tiên", width=9),
    Column("Điểm ưu tiên (5–25)", "integer", width=11),
    Column("Trạng thái", width=12),
    Column("Minh chứng khi xong", width=28),
)


def plan_xlsx(plan: PlanPaper) -> bytes:
    """The .xlsx file, one sheet to print and sign."""
    sheet = Sheet(
        "Kế hoạch",
        COLUMNS,
        [astuple(row) for row in plan.rows],
        letterhead=plan.letterhead,
        title=TITLE,
        notes=(plan.subject, f"({plan.set_line}; số liệu đến {write_minute(plan.made_at)})"),
        numbered=True,
        signatures=(plan.signature,),
        mark=plan.mark,
    )
    book = write_book([sheet], title=f"{TITLE}, {plan.subject}", now=plan.made_at)
    assert book is not None
    return book
