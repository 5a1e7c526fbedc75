"""A start without news: no file is parsed, and the libraries for that are not even imported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[2]
START = """
import json, sys, time
from pathlib import Path
from survey_app.app import create_app
from survey_app.core import clock, db
folder, criteria = Path(sys.argv[1]), Path(sys.argv[2])
app = create_app({
    "SECRET_KEY": "x" * 40, "ENV": "development", "DATA_DIR": folder, "BASE_URL": "http://localhost",
    "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'app.db'}",
})
from survey_app.frameworks import service
with app.app_context(), db.unit_of_work() as session:
    db.Base.metadata.create_all(session.connection())
    start = time.monotonic()
    report = service.import_criteria_folder(criteria, now=clock.now())
    took = time.monotonic() - start
heavy = [name for name in ("ruamel.yaml", "pydantic", "survey_app.frameworks.schema") if name in sys.modules]
print(json.dumps({"loaded": report.loaded, "unchanged": report.unchanged, "heavy": heavy, "seconds": took}))
"""


def start(folder: Path, criteria: Path) -> dict[str, object]:
    """One start of the program in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", START, str(folder), str(criteria)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_second_start_reads_no_criteria_and_is_quick(tmp_path: Path) -> None:
    first, second = start(tmp_path, ROOT / "criteria"), start(tmp_path, ROOT / "criteria")
    assert first["loaded"] and first["heavy"]
    assert second["unchanged"] == sorted(map(str, cast(list[str], first["loaded"])))
    assert second["heavy"] == [] and cast(float, second["seconds"]) < 1
