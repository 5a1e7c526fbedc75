"""Reading criteria sets: the list of editions, one edition, and the pure set that the rules work on."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache

from sqlalchemy import Select, bindparam, select

from survey_app.core.db import session
from survey_app.frameworks.models import DRAFT, Framework, FrameworkVersion
from survey_app.rules.errors import NotFound
from survey_app.rules.framework import Framework as PureFramework
from survey_app.rules.framework import Words
from survey_app.rules.plain import read_framework

CACHED = 32


@dataclass(frozen=True)
class VersionRow:
    """One edition as lists show it, without its content."""

    id: int
    code: str
    version: str
    title: Words
    status: str
    sha256: str
    decision: str
    loaded_at: datetime
    published_at: datetime | None

    @property
    def key(self) -> str:
        """How people and commands name the edition: "pho-thong/0.2"."""
        return f"{self.code}/{self.version}"

    @property
    def is_draft(self) -> bool:
        """True while everything made from the edition says BẢN NHÁP."""
        return self.status == DRAFT


def _rows() -> Select[FrameworkVersion, Framework]:
    return select(FrameworkVersion, Framework).join(Framework)


def _row(version: FrameworkVersion, framework: Framework) -> VersionRow:
    return VersionRow(
        version.id,
        framework.code,
        version.version,
        Words(framework.title, framework.title_en),
        version.status,
        version.sha256,
        version.decision,
        version.loaded_at,
        version.published_at,
    )


def list_versions(statuses: Collection[str] = ()) -> list[VersionRow]:
    """Every edition (with one of these statuses), by set and then the newest number first; one query."""
    statement = _rows()
    if statuses:
        statement = statement.where(FrameworkVersion.status.in_(statuses))
    rows = [_row(version, framework) for version, framework in session.execute(statement)]
    rows.sort(key=lambda row: version_key(row.version), reverse=True)
    return sorted(rows, key=lambda row: row.code)


def version_key(version: str) -> tuple[int, ...]:
    """ "0.10" after "0.9"."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def source_digests() -> dict[tuple[str, str], str]:
    """The digest of the files each edition was read from, by code and number."""
    rows = session.execute(
        select(Framework.code, FrameworkVersion.version, FrameworkVersion.source_sha256).join(Framework)
    )
    return {(code, version): digest for code, version, digest in rows}


def version_row(version_id: int) -> VersionRow:
    """One edition without its content. Raises `NotFound`."""
    found = session.execute(_rows().where(FrameworkVersion.id == version_id)).one_or_none()
    if found is None:
        raise NotFound()
    return _row(*found)


def find_version(code: str, version: str) -> VersionRow | None:
    """The edition a set's code and a number name, or None."""
    statement = _rows().where(Framework.code == code, FrameworkVersion.version == version)
    found = session.execute(statement).one_or_none()
    return None if found is None else _row(*found)


def get_version(code: str, version: str) -> VersionRow:
    """The edition a set's code and a number name. Raises `NotFound`."""
    found = find_version(code, version)
    if found is None:
        raise NotFound()
    return found


def get_framework(version_id: int) -> PureFramework:
    """The pure set of an edition, with the edition's status.

    Read from the database once in a process for each content: an edition that is used never changes, and
    another content has another digest. Raises `NotFound`.
    """
    found = session.execute(_edition(), {"key": version_id}).one_or_none()
    if found is None:
        raise NotFound()
    return framework_of_edition(found.sha256, found.status)


@cache
def _edition() -> Select[str, str]:
    """Built once: every save of an answer runs it."""
    return select(FrameworkVersion.sha256, FrameworkVersion.status).where(
        FrameworkVersion.id == bindparam("key")
    )


@lru_cache(maxsize=2 * CACHED)
def framework_of_edition(sha256: str, status: str) -> PureFramework:
    """The pure set with this digest, in this status; its content is read once in a process."""
    return replace(_read(sha256), status=status)


@lru_cache(maxsize=CACHED)
def _read(sha256: str) -> PureFramework:
    content = session.scalar(
        select(FrameworkVersion.content).where(FrameworkVersion.sha256 == sha256).limit(1)
    )
    if content is None:
        raise NotFound()
    return read_framework(content)
