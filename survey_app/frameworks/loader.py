"""Criteria sets as YAML files: reading with every fault at its line and column, and writing.

The only file that knows YAML. A file is read as a tree of nodes, never as objects: no anchors, no tags, no
key twice. ruamel.yaml and pydantic are imported at first use, so that a start without news stays quick.
"""

import hashlib
import io
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_app.frameworks.documents import HEAD, documents_of
from survey_app.rules.framework import Framework

Loc = tuple[str | int, ...]
MAX_BYTES = 2 * 1024 * 1024
EDITORS = b"# yaml-language-server: $schema=../../schema.json\n"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")

NOT_UTF8 = "Tệp không phải UTF-8. Hãy lưu lại với mã UTF-8."
TOO_BIG = "Tệp lớn quá 2 MB."
CONTROL = "Có ký tự điều khiển không nhìn thấy được. Hãy xóa rồi gõ lại dòng này."
TAB = "Không thụt dòng bằng phím Tab. Hãy dùng dấu cách."
COLON = "Dấu hai chấm không đúng chỗ: câu có dấu hai chấm và dấu cách phải đặt trong nháy."
NO_COLON = "Thiếu dấu hai chấm sau tên mục."
INDENT = "Thụt dòng không đúng, hoặc thiếu dấu ngoặc đóng, nháy đóng ở trên."
UNCLOSED = "Thiếu dấu nháy đóng."
BROKEN = "Sai cú pháp YAML ở chỗ này."
DEEP = "Các mục lồng nhau quá sâu."
ANCHOR = "Không dùng neo (&) và bí danh (*). Hãy chép lại nội dung."
TAG = "Không dùng nhãn kiểu (!). Hãy ghi nội dung bình thường."
TWO_KEYS = "Mục “%(key)s” ghi hai lần."
KEY_NOT_TEXT = "Tên mục phải là chữ."
TWO_PARTS = "Mỗi tệp chỉ có một phần, không dùng dấu --- ở giữa."
NO_FOLDER = "Không có thư mục này."
NOTHING = "Thư mục không có bộ tiêu chí nào (cần <mã bộ>/<phiên bản>/framework.yaml)."
CODE_IS_FOLDER = "Mã bộ phải trùng tên thư mục: %(name)s."
VERSION_IS_FOLDER = "Phiên bản phải trùng tên thư mục: %(name)s."

_PROBLEMS = (
    ("cannot start any token", TAB),
    ("mapping values are not allowed", COLON),
    ("could not find expected ':'", NO_COLON),
    ("unexpected end of stream", UNCLOSED),
    ("expected <block end>", INDENT),
    ("expected ',' or", INDENT),
)


@dataclass(frozen=True, order=True)
class FileFault:
    """One fault as it is printed: where, at which key, what to do. Lines and columns start at 1."""

    file: str
    line: int
    column: int
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.path}: {self.sentence}"


@dataclass(frozen=True)
class Folder:
    """What a folder of one edition holds: the set, or every fault."""

    path: Path
    framework: Framework | None
    faults: tuple[FileFault, ...]


class _Spot(Exception):
    """A fault found while reading one file."""

    def __init__(self, line: int, column: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.column, self.sentence = line, column, sentence


class Source:
    """One YAML file as plain values, with the place of every value and key."""

    def __init__(self, content: bytes) -> None:
        self.value: Any = None
        self.values: dict[Loc, tuple[int, int]] = {(): (1, 1)}
        self.keys: dict[Loc, tuple[int, int]] = {}
        self.spots: list[_Spot] = []
        try:
            node = _compose(_decode(content))
            self.value = None if node is None else self._plain(node, ())
        except _Spot as spot:
            self.spots.append(spot)
        except RecursionError:
            self.spots.append(_Spot(1, 1, DEEP))

    def _plain(self, node: Any, loc: Loc) -> Any:
        self.values[loc] = _place(node)
        if node.anchor:  # its alias may stand for any amount of text, so nothing below is followed
            raise _Spot(*_place(node), ANCHOR)
        if str(node.tag) not in _PLAIN:
            self._note(node, TAG)
        if node.id == "sequence":
            return [self._plain(part, (*loc, index)) for index, part in enumerate(node.value)]
        return self._mapping(node, loc) if node.id == "mapping" else _scalar(node)

    def _mapping(self, node: Any, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = _scalar(key) if key.id == "scalar" else None
            if not isinstance(name, str):
                self._note(key, KEY_NOT_TEXT)
            elif name in found:
                self._note(key, TWO_KEYS % {"key": name})
            else:
                self.keys[(*loc, name)] = _place(key)
                found[name] = self._plain(value, (*loc, name))
                if value.id == "scalar" and not value.value and not value.style:  # nothing typed there
                    self.values[(*loc, name)] = _place(key)
        return found

    def _note(self, node: Any, sentence: str) -> None:
        self.spots.append(_Spot(*_place(node), sentence))

    def place(self, loc: Loc, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of a value or a key; of what holds it when it is not there."""
        if at_key and loc in self.keys:
            return self.keys[loc]
        while loc not in self.values:
            loc = loc[:-1]
        return self.values[loc]


_PLAIN = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
)


def _place(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Spot(1, 1, TOO_BIG)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Spot(*_position(content.decode("latin-1"), error.start), NOT_UTF8) from error
    if found := _CONTROL.search(text):
        raise _Spot(*_position(text, found.start()), CONTROL)
    return text


def _position(text: str, offset: int) -> tuple[int, int]:
    line = text.count("\n", 0, offset)
    return line + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _compose(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    for number, line in enumerate(text.split("\n"), start=1):
        if found := re.match(r" *\t", line):
            raise _Spot(number, found.end(), TAB)
    try:
        nodes = list(YAML(typ="safe", pure=True).compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"{error.context or ''} {error.problem or ''}"
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _Spot(place[0], place[1], _sentence(problem)) from error
    if len(nodes) > 1:
        raise _Spot(*_place(nodes[1]), TWO_PARTS)
    return nodes[0] if nodes else None


def _sentence(problem: str) -> str:
    if "alias" in problem or "anchor" in problem:
        return ANCHOR
    return next((sentence for part, sentence in _PROBLEMS if part in problem), BROKEN)


def _scalar(node: Any) -> Any:
    """A scalar as YAML 1.2 reads it; what looks like a number in a strange form stays text."""
    kind, text = str(node.tag).rpartition(":")[2], str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int" and re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text) if len(text) < 10 else _Number(text)
    if kind in ("int", "float") and re.fullmatch(r"[-+.0-9eE_]+", text):
        return _Number(text)
    return text


class _Number(float):
    """A number that is not whole, with the text as it was typed (0.20 stays 0.20 in the message)."""

    def __new__(cls, text: str) -> "_Number":
        try:
            made = super().__new__(cls, text.replace("_", ""))
        except ValueError:
            made = super().__new__(cls, "nan")
        made.text = text
        return made

    text: str

    def __str__(self) -> str:
        return self.text

    def __deepcopy__(self, memo: object) -> "_Number":
        return self


def find_folders(root: Path) -> list[Path]:
    """The folders of editions under `root`: itself, its versions, or `<code>/<version>` below it."""
    if (root / HEAD).is_file():
        return [root]
    places = [*root.glob(f"*/{HEAD}"), *root.glob(f"*/*/{HEAD}")] if root.is_dir() else []
    loose = [*root.glob("*/*/*.yaml")] if root.is_dir() else []
    return sorted({place.parent for place in places} | {place.parent for place in loose})


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the names and bytes of some files: equal digests need no reading."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name} {len(files[name])}\n".encode())
        whole.update(files[name])
    return whole.hexdigest()


def read_files(folder: Path) -> dict[str, bytes]:
    """The YAML files of an edition, by name."""
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.yaml"))}


def load_folder(folder: Path) -> Folder:
    """The set in a folder, or every fault in all its files at once."""
    sources = {name: Source(content) for name, content in read_files(folder).items()}
    spots = [
        FileFault(str(folder / name), spot.line, spot.column, "–", spot.sentence)
        for name, source in sources.items()
        for spot in source.spots
    ]
    framework, found = _check(folder, sources)
    faults = sorted({*spots, *found})
    return Folder(folder, None if faults else framework, tuple(faults))


def _check(folder: Path, sources: Mapping[str, Source]) -> tuple[Framework | None, list[FileFault]]:
    from survey_app.frameworks.reading import read_documents

    readable = {name: source.value for name, source in sources.items() if source.value or not source.spots}
    reading = read_documents(readable, frozenset(sources))
    faults = [_file_fault(folder, sources[f.file] if f.file in sources else None, f) for f in reading.faults]
    return reading.framework, [*faults, *_names(folder, sources.get(HEAD))]


def _file_fault(folder: Path, source: Source | None, fault: Any) -> FileFault:
    line, column = source.place(fault.loc, at_key=fault.at_key) if source else (1, 1)
    return FileFault(str(folder / fault.file), line, column, path_of(fault.loc), fault.sentence)


def path_of(loc: Loc) -> str:
    """A place inside a file as people write it: criteria[0].indicators[2].weight."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return parts.lstrip(".") or "–"


def _names(folder: Path, head: Source | None) -> Iterator[FileFault]:
    """The folder's names are the set's code and version."""
    if head is None or not isinstance(head.value, dict):
        return
    wanted = (("code", folder.parent.name, CODE_IS_FOLDER), ("version", folder.name, VERSION_IS_FOLDER))
    for key, name, sentence in wanted:
        if isinstance(head.value.get(key), str) and head.value[key] != name:
            yield FileFault(str(folder / HEAD), *head.place((key,)), key, sentence % {"name": name})


def write_files(framework: Framework) -> dict[str, bytes]:
    """The YAML files of a set, by name; `load_folder` reads an equal set from them."""
    return {name: _yaml(document) for name, document in documents_of(framework).items()}


def _yaml(document: Mapping[str, Any]) -> bytes:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 100_000  # one sentence, one line: a change shows as the sentence that changed
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.BytesIO()
    yaml.dump(_shown(document), stream)
    return EDITORS + stream.getvalue()


def _shown(value: Any) -> Any:
    """Lists of short codes on one line, everything else one part a line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        return CommentedMap((key, _shown(part)) for key, part in value.items())
    if not isinstance(value, list):
        return value
    shown = CommentedSeq(_shown(part) for part in value)
    if all(isinstance(part, str) for part in value):
        shown.fa.set_flow_style()
    return shown


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of an edition as a whole: the folder is the old one or the new one, never a mixture."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    for rest in (fresh, old):
        shutil.rmtree(rest, ignore_errors=True)
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
