"""What a row of the table means: the cells it stands for and what is expected in each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.walls.actors import INSIDE, NEWCOMER, SIGNED_OUT, people
from tests.walls.reach import REACH

NUMBER = re.compile(r"<int:([^>]+)>")
NOWHERE, RUBBISH = "nowhere", "rubbish"
STRANGE = {NOWHERE: "9" * 9, RUBBISH: "rac%27--%22%3E%3Cb%3E"}
PUBLIC = "PUBLIC"


@dataclass(frozen=True)
class Outcome:
    """A status, and other ones for some actors."""

    status: str
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Outcome":
        """From "409,unassigned:403"."""
        status, *rest = text.split(",")
        pairs = [one.split(":") for one in rest]
        return cls(status, {actor: other for words, other in pairs for actor in people(words)})

    def of(self, actor: str) -> str:
        """What this actor gets."""
        return self.others.get(actor, self.status)


@dataclass(frozen=True)
class Row:
    """One rule and method; `cases` are its objects with their outcomes ("" for a rule without one)."""

    method: str
    rule: str
    who: frozenset[str]
    cases: Mapping[str, Outcome]
    body: Mapping[str, Any]
    query: str
    fixed: Mapping[str, str]
    public: bool
    headers: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """(method, rule) as the map of routes has it."""
        return self.method, self.rule

    @property
    def takes_numbers(self) -> bool:
        """True when the object's parameter is a number."""
        return any(name not in self.fixed for name in NUMBER.findall(self.rule))

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """(object, actor, expected) for everybody.

        Who may not call the rule at all knocks with one object of each relation: of their own, of others, of
        another department, an id that nobody has and rubbish. Who may, with every object in every state.
        """
        for actor in (*SIGNED_OUT, NEWCOMER, *INSIDE):
            for thing in self.cases if self.public or actor in self.who else self._one_of_each(actor):
                yield thing, actor, self.expected(thing, self.cases[thing], actor)

    def _one_of_each(self, actor: str) -> list[str]:
        found = {}
        for thing in self.cases:
            relation = thing if thing in STRANGE else _relation(thing, actor)
            found.setdefault(relation, thing)
        return list(found.values())

    def expected(self, thing: str, outcome: Outcome, actor: str) -> str:
        """The answer this actor gets for this object: who first, then reach, then the outcome."""
        if thing == RUBBISH and self.takes_numbers:
            return "404"  # no rule fits such an address, whoever asks
        if self.public:
            return outcome.of(actor)
        if actor in SIGNED_OUT:
            return "in" if self.method == "GET" else "401"
        if actor == NEWCOMER:
            return "302"
        if actor not in self.who:
            return "403"
        if thing and actor not in reach_of(thing):
            return "404"
        return outcome.of(actor)


def _relation(thing: str, actor: str) -> str:
    if not thing or actor in reach_of(thing):
        return "own"
    return "foreign" if thing.endswith("foreign") else "others"


def reach_of(thing: str) -> frozenset[str]:
    """The actors who have this object in reach; what is strange is answered by its outcome."""
    return frozenset(INSIDE) if thing in STRANGE else REACH[thing]


def R(  # noqa: N802 - a row reads better with a short capital
    what: str,
    who: str,
    cases: str = "",
    *,
    ok: str = "",
    strange: str = "404",
    body: Mapping[str, Any] | None = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    **fixed: str,
) -> Row:
    """One row of the table; see `tests.walls.table`."""
    method, rule = what.split(" ", 1)
    default = ok or ("200" if method == "GET" else "302")
    read = _read_cases(cases, default)
    if read and not cases.endswith("!"):
        read |= dict.fromkeys(STRANGE, Outcome.read(strange))
    return Row(
        method,
        rule,
        frozenset() if who == PUBLIC else people(who),
        read or {"": Outcome.read(default)},
        body or {},
        query,
        fixed,
        who == PUBLIC,
        headers or {},
    )


def _read_cases(cases: str, default: str) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for word in cases.removesuffix("!").split():
        name, _, text = word.partition("=")
        names = [one for one in REACH if one.startswith(name[:-1])] if name.endswith("*") else [name]
        found |= dict.fromkeys(names, Outcome.read(text or default))
        assert names and all(one in REACH for one in names), f"no object {name} in walls.reach"
    return found
