"""The result of one school as a workbook for its council: by nội dung, then every tiêu chí."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from survey_app.documents.xlsx import Column, Share, Sheet, write_book
from survey_app.results.blocks import Line
from survey_app.results.book import Book
from survey_app.results.queries import Part
from survey_app.rules.scoring import IndicatorScore, Tally

OWN, VERIFIED = "Trường tự đánh giá", "Kết quả kiểm tra"


def result_book(book: Book, *, now: datetime) -> bytes:
    """The workbook of a result; numbers are numbers, and what people typed is text, never a formula."""
    content = write_book([_criteria_sheet(book), _lines_sheet(book)], title=book.title, now=now)
    assert content is not None
    return content


def _criteria_sheet(book: Book) -> Sheet:
    return Sheet(
        "Theo nội dung",
        [
            Column("Lĩnh vực", width=20, merge=True),
            Column("Mã", width=8),
            Column("Nội dung", width=34),
            *(_counts(OWN) if book.sides.own else ()),
            *(_counts(VERIFIED) if book.sides.verified else ()),
            Column("Tiêu chí chưa đạt", width=24),
        ],
        _criteria_rows(book),
        letterhead=book.letterhead,
        title=book.title,
        notes=(*book.headline, *book.notes),
        signatures=(book.signature,),
        mark=book.mark,
    )


def _counts(side: str) -> tuple[Column, ...]:
    met, of = f"{side}: đạt", f"{side}: áp dụng"
    return (
        Column("Đạt", "integer", 9, group=side, total="sum", key=met),
        Column("Áp dụng", "integer", 9, group=side, total="sum", key=of),
        Column("Tỷ lệ đạt", "percent", 10, digits=1, group=side, total=Share(met, of)),
    )


def _criteria_rows(book: Book) -> Iterator[tuple[Any, ...]]:
    for block in book.blocks:
        own = _part(block.own.tally) if book.sides.own else ()
        verified = _part(block.verified.tally) if book.sides.verified and block.verified else ()
        unmet = ", ".join(book.sides.unmet(block)) or None
        yield block.area.name.vi, block.criterion.code, block.criterion.name.vi, *own, *verified, unmet


def _part(tally: Tally) -> tuple[Any, ...]:
    return tally.met, tally.applicable, Part(tally.met, tally.applicable).share


def _lines_sheet(book: Book) -> Sheet:
    checked = (
        Column(VERIFIED, "integer", 12),
        Column("Chênh lệch", "integer", 10),
        Column("Đạt, chưa đạt", width=12),
        Column("Lý do", width=36),
    )
    return Sheet(
        "Từng tiêu chí",
        [
            Column("Nội dung", width=20, merge=True),
            Column("Mã", width=9),
            Column("Tiêu chí", width=56),
            Column("Bắt buộc", width=10),
            Column("Tự đánh giá", "integer", 12),
            *(checked if book.sides.verified else (Column("Đạt, chưa đạt", width=12),)),
        ],
        _line_rows(book),
        title=f"{book.title}: từng tiêu chí",
        notes=book.notes,
        mark=book.mark,
    )


def _line_rows(book: Book) -> Iterator[tuple[Any, ...]]:
    for block in book.blocks:
        for line in block.lines:
            shown = book.sides.shown(line)
            met = None if shown.value is None else "Đạt" if shown.met else "Chưa đạt"
            yield (
                f"{block.criterion.code}. {block.criterion.name.vi}",
                line.indicator.code,
                line.indicator.statement.vi,
                "Bắt buộc" if shown.mandatory else None,
                _value(line, line.own),
                *(
                    (_value(line, line.verified), line.difference, met, line.reason or None)
                    if book.sides.verified and line.verified
                    else (met,)
                ),
            )


def _value(line: Line, score: IndicatorScore) -> int | str | None:
    """The number of a level; its name where đạt or chưa đạt is all there is, as on the page."""
    scale = line.indicator.scale
    if score.value is None or not scale.is_two_level:
        return score.value
    return scale.name_of(score.value).vi
