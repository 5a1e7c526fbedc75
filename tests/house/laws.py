"""The laws that no library checks: each takes the folder of a program and returns what breaks it."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TEMPLATE, LONGEST_SCRIPT = 400, 40, 200, 400
DRAWERS = {"util", "utils", "helpers", "helper", "common", "manager", "managers", "misc", "shared"}
COMMITS = re.compile(r"\.(commit|rollback|begin|begin_nested)\(")
# Files of a room that may know the request; everything else gets actor and time as arguments.
WEB_FILES = {"views", "forms", "cli", "tasks", "setup", "blueprint", "standing"}
# The same, each named: what these rooms do at the edge of a request or of a process.
WEB_PLACES = {
    "accounts/cookies",
    "accounts/kept",
    "accounts/passwords",
    "accounts/signing_in",
    "evidence/scanning",
    "evidence/serving",
    "evidence/store",
    "exports/store",
    "invitations/occasion",
    "invitations/store",
    "jobs/runner",
    "jobs/scheduler",
    "jobs/worker",
}
WEB_ROOMS = {"core", "home", "app", "serve", "prepare", "demo", "config"}
WEB_LIBRARIES = {"flask", "flask_babel", "flask_wtf", "wtforms", "werkzeug", "flask_login"}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE
)


def _python(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*.py")):
        if "planted" not in path.parts:
            yield path, path.read_text(encoding="utf-8")


def second_commits(program: Path) -> list[str]:
    """Law 6: places outside core/db.py that begin, commit or roll back."""
    found = []
    for path, text in _python(program / "survey_app"):
        place = path.relative_to(program).as_posix()
        if place != "survey_app/core/db.py":
            found += [f"{place}:{n}" for n, line in enumerate(text.splitlines(), 1) if COMMITS.search(line)]
    return found


def side_files_that_see_the_request(program: Path) -> list[str]:
    """Law 4, wider than the contract: a room's own files that import the web."""
    found = []
    for path, text in _python(program / "survey_app"):
        parts = path.relative_to(program / "survey_app").with_suffix("").parts
        if parts[0] in WEB_ROOMS or any(_may_see_the_request(part) for part in parts[1:]):
            continue
        place = "/".join(parts)
        if place not in WEB_PLACES and WEB_LIBRARIES & set(_imports(ast.parse(text))):
            found.append(place)
    return found


def _may_see_the_request(name: str) -> bool:
    return name in WEB_FILES or name.endswith(("_views", "_forms"))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def backrefs(program: Path) -> list[str]:
    """Law 8: a parent that lists its children."""
    found = []
    for path, text in _python(program / "survey_app"):
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"back_populates|backref|Mapped\[\"?(list|set|Sequence)\[", line):
                found.append(f"{path.relative_to(program)}:{number}")
    return found


def too_long(program: Path, *folders: str) -> list[str]:
    """Law 10: files and functions over the limit, and drawers without a subject."""
    found = []
    for folder in folders:
        for path, text in _python(program / folder):
            place = path.relative_to(program).as_posix()
            lines = text.count("\n") + 1
            declared = path.name == "models.py"
            if lines > LONGEST_FILE and not declared:
                found.append(f"{place}: {lines} lines")
            if path.stem in DRAWERS or path.parent.name in DRAWERS:
                found.append(f"{place}: a drawer without a subject")
            found += [f"{place}:{name}" for name in _long_functions(ast.parse(text))]
    return found


def _long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.lineno} {node.name}: {length} lines"


def long_pages(program: Path) -> list[str]:
    """Decision 23: templates and scripts over their limits."""
    limits = {".html": LONGEST_TEMPLATE, ".js": LONGEST_SCRIPT}
    found = []
    for path in sorted((program / "survey_app").rglob("*")):
        if path.suffix in limits and not path.name.endswith(".min.js"):
            lines = path.read_text(encoding="utf-8").count("\n") + 1
            if lines > limits[path.suffix]:
                found.append(f"{path.relative_to(program)}: {lines} lines")
    return found


def inline_parts(program: Path) -> list[str]:
    """Decision 13: inline styles, scripts and handlers, which the content policy would block."""
    found = []
    for path in sorted((program / "survey_app").rglob("*.html")):
        if path.parent.name in ("designs", "papers") or "designs" in path.parts or "papers" in path.parts:
            continue
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        if INLINE.search(text):
            found.append(str(path.relative_to(program)))
    return found


TEXTS = {".py", ".html", ".js", ".css", ".yaml", ".md", ".po", ".csv"}


def not_nfc(program: Path) -> list[str]:
    """Text that is not in the one stored form; the traps of tests/data are there to be normalised."""
    found = []
    for path in sorted(program.rglob("*")):
        place = path.relative_to(program).as_posix()
        if path.suffix not in TEXTS or place.startswith((".venv/", "tests/data/")):
            continue
        text = path.read_text(encoding="utf-8")
        if text != unicodedata.normalize("NFC", text):
            found.append(place)
    return found
