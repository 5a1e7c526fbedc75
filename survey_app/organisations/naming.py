"""What a unit is called: its name and old names, how it is found and in which order it stands."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from survey_app.core.db import session
from survey_app.core.vietnamese import fold, sort_key
from survey_app.organisations.models import COMMUNE, SCHOOL, OrganisationUnit, UnitAlias


def rename(unit: OrganisationUnit, name: str, source: str, on: date) -> None:
    """Give a unit another name from day `on`; the old one stays as an alias, with where we know it from."""
    session.add(
        UnitAlias(
            unit_id=unit.id, name=unit.name, source=source[:120], valid_from=unit.valid_from, valid_to=on
        )
    )
    session.flush()
    unit.name = name
    index_unit(unit, unit.parent.name if unit.kind == SCHOOL and unit.parent else "")


def index_unit(unit: OrganisationUnit, ward_name: str) -> None:
    """Keep the search text (name, code, ward, old names) and the Vietnamese order beside the row."""
    old: list[str | None] = []
    if unit.id is not None:
        old = list(session.scalars(select(UnitAlias.name).where(UnitAlias.unit_id == unit.id)))
        old += list(session.scalars(select(UnitAlias.code).where(UnitAlias.unit_id == unit.id)))
    known = [word for word in old if word]
    unit.search_text, unit.sort_key = index_words(unit.kind, unit.name, unit.code, ward_name, known)


def index_words(kind: str, name: str, code: str, ward_name: str, old: Iterable[str] = ()) -> tuple[str, str]:
    """The search text (name, code, ward, old names) and the Vietnamese order of a unit."""
    return fold(" ".join((name, code, ward_name, *old))), sort_key(_bare(name) if kind == COMMUNE else name)


def _bare(name: str) -> str:
    kind, _, rest = name.partition(" ")
    return rest if kind in ("Phường", "Xã") and rest else name
