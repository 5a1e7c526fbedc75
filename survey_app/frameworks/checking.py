"""Checking a folder of criteria sets whole: every fault of every file, and the lock."""

from dataclasses import dataclass
from pathlib import Path

from survey_app.frameworks.loader import NO_FOLDER, NOTHING, FileFault, Folder, find_folders, load_folder
from survey_app.frameworks.lock import LOCK, BrokenLock, read_lock
from survey_app.rules.canonical import canonical_json, sha256_of
from survey_app.rules.plain import plain_framework

CHANGED = (
    "Phiên bản %(key)s đã khóa nhưng nội dung đã đổi. Hãy trả lại nội dung cũ, "
    "nội dung mới ghi vào thư mục của một phiên bản mới."
)
GONE = "Phiên bản %(key)s đã khóa nhưng không còn tệp."


@dataclass(frozen=True)
class Checked:
    """What was looked at and everything wrong in it."""

    folders: tuple[Folder, ...]
    faults: tuple[FileFault, ...]


def check_path(path: Path) -> Checked:
    """Check every edition under `path` and compare the locked ones with published.lock above them."""
    if not path.is_dir():
        return Checked((), (FileFault(str(path), 1, 1, "–", NO_FOLDER),))
    folders = tuple(load_folder(folder) for folder in find_folders(path))
    faults = [fault for folder in folders for fault in folder.faults]
    if not folders:
        faults.append(FileFault(str(path), 1, 1, "–", NOTHING))
    root = next(
        (place for place in (path, path.parent, path.parent.parent) if (place / LOCK).is_file()), path
    )
    faults += _lock_faults(root, path, folders)
    return Checked(folders, tuple(sorted(faults)))


def _lock_faults(root: Path, path: Path, folders: tuple[Folder, ...]) -> list[FileFault]:
    try:
        locked = read_lock(root)
    except BrokenLock as error:
        return [FileFault(str(root / LOCK), int(error.params["line"]), 1, "–", str(error))]
    found = []
    by_key = {(folder.path.parent.name, folder.path.name): folder for folder in folders}
    for one in locked:
        folder, words = by_key.get(one.key), {"key": f"{one.code}/{one.version}"}
        if folder is None and path == root:
            found.append(FileFault(str(root / LOCK), 1, 1, words["key"], GONE % words))
        elif folder and folder.framework and digest(folder) != one.sha256:
            found.append(FileFault(str(folder.path), 1, 1, words["key"], CHANGED % words))
    return found


def digest(folder: Folder) -> str:
    """The digest of an edition's content: what the lock and the database name it by."""
    assert folder.framework is not None
    return sha256_of(canonical_json(plain_framework(folder.framework)))
