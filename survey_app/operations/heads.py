"""Heads of the chain told to the outside: one JSON line a day in a file that is only ever added to."""

import json
import os
from datetime import datetime
from pathlib import Path

from survey_app.core.clock import local_date
from survey_app.rules.canonical import canonical_json
from survey_app.rules.chain import Block, Head, read_heads, write_instant
from survey_app.rules.errors import N_, RuleError

FOLDER, FILE = "audit-heads", "heads.jsonl"


class UnreadableHeads(RuleError):
    """The given file holds something else."""

    status = 422
    message = N_("Tệp %(file)s không phải là tệp mã niêm phong do hệ thống xuất ra.")


def heads_file(data: Path) -> Path:
    """Where an installation with this data folder keeps its heads."""
    return data / FOLDER / FILE


def head_line(block: Block, *, now: datetime) -> str:
    """What is told of a head: block, hash, when it was sealed and told."""
    return canonical_json(
        {
            "block": block.number,
            "hash": block.hash,
            "sealed_at": write_instant(block.sealed_at),
            "told_at": write_instant(now),
        }
    )


def export_head(data: Path, block: Block, *, now: datetime) -> bool:
    """Add today's line; False when today has one (days of Vietnam)."""
    file = heads_file(data)
    if file.exists() and _last_day(file) == local_date(now):
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="ascii") as stream:
        stream.write(head_line(block, now=now) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return True


def _last_day(file: Path) -> object:
    lines = file.read_text(encoding="ascii").split()
    return local_date(datetime.fromisoformat(json.loads(lines[-1])["told_at"])) if lines else None


def load_heads(file: Path) -> list[Head]:
    """The heads of a file; none when it does not exist. Raises `UnreadableHeads`."""
    if not file.exists():
        return []
    try:
        return read_heads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UnreadableHeads(file=file) from error
