"""Reading which editions of criteria sets there are to choose from, and which a round uses."""

from dataclasses import dataclass

from sqlalchemy import select

from survey_app.core.db import session
from survey_app.frameworks.models import ARCHIVED, DRAFT, Framework, FrameworkVersion
from survey_app.rounds.models import Participation, RoundFramework


@dataclass(frozen=True)
class Edition:
    """An edition of a criteria set without its content, and the stages it is written for."""

    version_id: int
    title: str
    version: str
    status: str
    stages: tuple[str, ...]

    @property
    def is_draft(self) -> bool:
        """True while everything made from the set says BẢN NHÁP."""
        return self.status == DRAFT


@dataclass(frozen=True)
class RoundSet:
    """One edition of a criteria set in a round, without its content, and the stages it is used for.

    `counted_types` are the types of unit whose least numbers the pass rule names; empty: it goes by a share.
    """

    version_id: int
    code: str
    title: str
    title_en: str
    version: str
    status: str
    stages: tuple[str, ...]
    counted_types: tuple[str, ...] = ()

    @property
    def is_draft(self) -> bool:
        """True while everything made from the set says BẢN NHÁP."""
        return self.status == DRAFT


def list_editions() -> list[Edition]:
    """Every edition that is not archived, by title, the latest edition first."""
    version = FrameworkVersion
    statement = (
        select(version.id, Framework.title, version.version, version.status, version.content["stages"])
        .join(Framework, Framework.id == version.framework_id)
        .where(version.status != ARCHIVED)
        .order_by(Framework.title, version.id.desc())
    )
    return [
        Edition(version_id, title, number, status, tuple(stage["code"] for stage in stages))
        for version_id, title, number, status, stages in session.execute(statement)
    ]


def round_frameworks(round_id: int) -> list[RoundSet]:
    """The editions a round uses with their stages, without the content of the sets, in order of code."""
    statement = (
        select(
            FrameworkVersion.id,
            Framework.code,
            Framework.title,
            Framework.title_en,
            FrameworkVersion.version,
            FrameworkVersion.status,
            RoundFramework.stages,
            FrameworkVersion.content["pass_rule"],
        )
        .join(FrameworkVersion, FrameworkVersion.id == RoundFramework.framework_version_id)
        .join(Framework, Framework.id == FrameworkVersion.framework_id)
        .where(RoundFramework.round_id == round_id)
        .order_by(Framework.code, FrameworkVersion.id)
    )
    return [
        RoundSet(version_id, code, title, title_en, version, status, tuple(stages), tuple(rule["counts"]))
        for version_id, code, title, title_en, version, status, stages, rule in session.execute(statement)
    ]


def stages_of_round(round_id: int) -> tuple[str, ...]:
    """The stages that have a set in this round, in order of code."""
    return tuple(sorted({stage for used in round_frameworks(round_id) for stage in used.stages}))


def sets_of(participation: Participation) -> list[RoundSet]:
    """The editions of its round that cover a stage of this unit: one form each."""
    return [
        used
        for used in round_frameworks(participation.round_id)
        if not set(used.stages).isdisjoint(participation.stages)
    ]
