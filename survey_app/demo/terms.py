"""When the demo's rounds are: one at the end of each past school year, the last one in full swing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from survey_app.core.clock import from_local, local_date
from survey_app.frameworks import queries as frameworks
from survey_app.rounds.models import END_OF_YEAR
from survey_app.rounds.service import RoundPlan


@dataclass(frozen=True)
class Term:
    """One round in time. `back` counts the rounds after it; 0 is the open one, which nobody has published."""

    back: int
    year: int
    opens_at: datetime
    closes_at: datetime
    latest: datetime
    published_at: datetime | None

    @property
    def title(self) -> str:
        """The name of the round."""
        return f"Đánh giá năm học {self.year} – {self.year + 1}"

    def plan(self, sets: Mapping[int, Collection[str]]) -> RoundPlan:
        """The round as an administrator plans it."""
        return RoundPlan(
            title=self.title,
            purpose=END_OF_YEAR,
            school_year=f"{self.year}-{self.year + 1}",
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            commune_closes_at=self.closes_at + timedelta(days=20),
            department_closes_at=self.closes_at + timedelta(days=30),
            sets=sets,
        )


def term(now: datetime, back: int) -> Term:
    """The round `back` rounds before the open one."""
    year = school_year_start(now, 0).year - back
    if not back:
        opens = from_local(local_date(now - timedelta(days=24)), 7)
        closes = from_local(local_date(now + timedelta(days=12)), 17)
        return Term(0, year, opens, closes, now, None)
    opens, closes = from_local(date(year + 1, 5, 2), 7), from_local(date(year + 1, 5, 25), 17)
    return Term(back, year, opens, closes, closes + timedelta(days=15), closes + timedelta(days=25))


def openings(now: datetime, rounds: int) -> tuple[datetime, ...]:
    """When each of so many rounds opens, the oldest first."""
    return tuple(term(now, back).opens_at for back in reversed(range(rounds)))


def school_year_start(now: datetime, back: int) -> datetime:
    """Opening day (5 September) of the present school year, or of one `back` years before it."""
    today = local_date(now)
    year = today.year if (today.month, today.day) >= (9, 5) else today.year - 1
    return from_local(date(year - back, 9, 5), 7)


def latest_sets() -> dict[int, tuple[str, ...]]:
    """The latest edition of each set, for all its stages."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for row in frameworks.list_versions():
        framework = frameworks.get_framework(row.id)
        found.setdefault(framework.code, (row.id, tuple(stage.code for stage in framework.stages)))
    return dict(found.values())
