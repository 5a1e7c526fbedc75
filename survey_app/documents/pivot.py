"""Grouped counts → a table of sums, by pandas (imported at first use)."""

from collections.abc import Iterable, Sequence


def pivot_sums(
    cells: Iterable[tuple[str, str, int]], *, rows: Sequence[str], columns: Sequence[str]
) -> dict[str, list[int | None]]:
    """Sum the (row, column, number) cells into {row: a number for each column}, in the orders given.

    None where no cell counts. Rows without any cell, and cells whose row or column is not asked for, are
    left out. Sums are exact (64-bit integers).
    """
    import pandas

    wanted = set(columns)
    known = [cell for cell in cells if cell[1] in wanted]
    if not known:
        return {}
    frame = pandas.DataFrame.from_records(known, columns=["row", "column", "number"])
    table = frame.pivot_table(index="row", columns="column", values="number", aggfunc="sum")
    table = table.reindex(columns=list(columns)).astype("Int64")
    return {
        row: [None if number is pandas.NA else int(number) for number in table.loc[row]]
        for row in rows
        if row in table.index
    }
