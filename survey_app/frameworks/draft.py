"""The documents of a set being put together from a workbook, each part with the cell it came from."""

from collections.abc import Mapping
from typing import Any

from survey_app.frameworks.cells import BadCell, Cell, read_cell
from survey_app.frameworks.documents import HEAD, Document
from survey_app.frameworks.sheets import Field

Loc = tuple[str | int, ...]
Row = Mapping[str, Cell]


class Draft:
    """Documents being put together, the cell of each part, and the faults met on the way."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {HEAD: {}}
        self.cells: dict[tuple[str, Loc], Cell] = {}
        self.faults: list[tuple[Cell, str]] = []

    def put(self, file: str, loc: Loc, value: Any, cell: Cell) -> None:
        """Set the part at `loc`, making what holds it; lists grow at their end."""
        holder: Any = self.documents.setdefault(file, {})
        for step, following in zip(loc, loc[1:], strict=False):
            fresh: Any = [] if isinstance(following, int) else {}
            if isinstance(holder, list):
                if step == len(holder):
                    holder.append(fresh)
                holder = holder[int(step)]
            else:
                holder = holder.setdefault(step, fresh)
        if isinstance(holder, list):
            holder.append(value)
        else:
            holder[loc[-1]] = value
        self.note(file, loc, cell)

    def note(self, file: str, loc: Loc, cell: Cell) -> None:
        """Remember where a part, and what it lies in, was typed first."""
        self.cells[(file, loc)] = cell
        for end in range(len(loc)):
            self.cells.setdefault((file, loc[:end]), cell)

    def cell_of(self, file: str, loc: Loc) -> Cell | None:
        """The cell of a part, or of the nearest part around it; None for the file as a whole."""
        while loc and (file, loc) not in self.cells:
            loc = loc[:-1]
        return self.cells.get((file, loc)) if loc else None

    def fault(self, cell: Cell, sentence: str) -> None:
        """Note what is wrong in a cell."""
        self.faults.append((cell, sentence))

    def value(self, field: Field, cell: Cell) -> Any:
        """What a cell says, None when it is empty or cannot be taken (then a fault is noted)."""
        if cell.empty:
            return None
        try:
            return read_cell(field, cell)
        except BadCell as bad:
            self.fault(cell, str(bad))
            return None

    def put_field(self, file: str, loc: Loc, field: Field, row: Row) -> None:
        """Put the cell of one column under its key; an empty one only when it must be there."""
        cell = row[field.key]
        value = self.value(field, cell)
        if value is not None or (field.required and cell.empty):
            self.put(file, loc, value, cell)
        else:
            self.note(file, loc, cell)
