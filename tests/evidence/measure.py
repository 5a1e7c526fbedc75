"""`python -m tests.evidence.measure`: peak memory and processor time of reading each odd or hostile file.

A file stays under 300 MB and 5 s. Not a test: other load on the machine would fail it. Each file is taken in
by a small process of its own, whose only child is the decoder, so that what is counted is the decoder's.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from survey_app.evidence.intake import take_in
from survey_app.evidence.refusals import FileRefused


def weigh(path: Path, name: str) -> dict[str, Any]:
    """Take one file in; what was said, and what its decoder took (MB, seconds of a processor, seconds)."""
    said, start = "taken", time.monotonic()
    try:
        with path.open("rb") as stream:
            take_in(stream, name)
    except FileRefused as refusal:
        said = refusal.reason
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "said": said,
        "megabytes": used.ru_maxrss // 1024,
        "cpu": round(used.ru_utime + used.ru_stime, 2),
        "wall": round(time.monotonic() - start, 2),
    }


def main() -> None:
    """One line for each case, the heaviest last."""
    python, lines = sys.executable, []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "tests.evidence.hostile", folder], check=True)
        for path in sorted(Path(folder).iterdir()):
            label, _, name = path.name.partition("|")
            ended = subprocess.run(
                [python, "-m", "tests.evidence.measure", str(path), name], capture_output=True, check=True
            )
            lines.append((json.loads(ended.stdout), label))
    for line, label in sorted(lines, key=lambda row: row[0]["megabytes"]):
        print(f"{line['megabytes']:4} MB {line['cpu']:5} s cpu {line['wall']:5} s  {line['said']:16} {label}")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(weigh(Path(sys.argv[1]), sys.argv[2])))
    else:
        main()
