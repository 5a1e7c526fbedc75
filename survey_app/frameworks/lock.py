"""`published.lock`: which editions are in force, by which decision, and the digest each must keep.

One line an edition, oldest first: `code/version sha256 decision`. The digest is that of the content
(`FrameworkVersion.sha256`), so a comment in a file may be corrected and a word of it may not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_app.rules.errors import N_, BadInput

LOCK = "published.lock"
_LINE = re.compile(r"([a-z0-9-]+)/([0-9.]+) ([0-9a-f]{64}) (\S.*)\Z")
_HEAD = """\
# Các phiên bản đã khóa và đưa vào áp dụng: mã bộ/phiên bản, mã băm của nội dung, quyết định ban hành.
# Chỉ thêm bằng lệnh “flask frameworks publish”. Nội dung của phiên bản đã khóa không bao giờ sửa.
"""


class BrokenLock(BadInput):
    """The lock file is not as the program writes it."""

    message = N_("published.lock hỏng ở dòng %(line)s. Hãy lấy lại bản đã lưu, không sửa tay tệp này.")


@dataclass(frozen=True)
class Locked:
    """One published edition."""

    code: str
    version: str
    sha256: str
    decision: str

    @property
    def key(self) -> tuple[str, str]:
        """Code and version."""
        return self.code, self.version


def read_lock(root: Path) -> tuple[Locked, ...]:
    """The lines of `root`/published.lock, oldest first; none when there is no file. Raises `BrokenLock`."""
    file = root / LOCK
    if not file.is_file():
        return ()
    found: list[Locked] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = _LINE.match(line)
        if parts is None or any(locked.key == parts.group(1, 2) for locked in found):
            raise BrokenLock(line=number)
        found.append(Locked(*parts.groups()))
    return tuple(found)


def write_lock(root: Path, locked: Sequence[Locked]) -> None:
    """Write all lines, in a new file that then takes the place of the old one."""
    lines = [f"{one.code}/{one.version} {one.sha256} {one.decision}\n" for one in locked]
    fresh = root / f".{LOCK}.new"
    fresh.write_text(_HEAD + "".join(lines), encoding="utf-8")
    fresh.replace(root / LOCK)
