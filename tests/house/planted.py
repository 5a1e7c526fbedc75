"""A copy of the program with every violation of planted/ in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "planted"


@dataclass(frozen=True)
class Violation:
    """One planted file: where it goes, and what must be said of it."""

    source: Path
    target: str
    law: str
    new_file: bool

    @property
    def module(self) -> str:
        """The planted place as a dotted name."""
        return self.target.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def violations() -> list[Violation]:
    """Every planted violation, from the first line of its file."""
    found = []
    for source in sorted(FOLDER.iterdir()):
        if source.suffix not in (".py", ".html"):
            continue
        first = source.read_text(encoding="utf-8").splitlines()[0].strip("#{} ")
        how, _, rest = first.partition(": ")
        target, _, law = rest.partition(" -> ")
        found.append(Violation(source, target, law, how == "plant"))
    return found


def plant_all(folder: Path) -> Path:
    """Copy the program into `folder` and plant every violation there; returns the folder."""
    shutil.copytree(ROOT / "survey_app", folder / "survey_app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for violation in violations():
        target = folder / violation.target
        target.parent.mkdir(parents=True, exist_ok=True)
        text = violation.source.read_text(encoding="utf-8")
        before = "" if violation.new_file else target.read_text(encoding="utf-8")
        target.write_text(before + "\n" + text, encoding="utf-8")
    return folder
