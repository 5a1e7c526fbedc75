"""The drawing libraries wait until somebody draws (decision 16)."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("weasyprint", "xlsxwriter", "pandas", "vl_convert", "segno", "PIL", "fontTools")


def test_the_app_starts_without_any_drawing_library(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from survey_app.app import create_app
from tests.conftest import make_settings
create_app(make_settings(Path({str(tmp_path)!r})))
from survey_app.documents import chart_specs, charts, letterhead, paper, pdf, qr, xlsx
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"
