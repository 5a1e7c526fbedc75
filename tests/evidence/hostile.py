"""All odd and hostile files, made small on the spot, for the tests and for `measure.py`."""

import sys
from pathlib import Path

from tests.evidence.hostile_papers import office, pdfs
from tests.evidence.hostile_pictures import others, pictures

CASES = [*pictures(), *others(), *pdfs(), *office()]

if __name__ == "__main__":  # for measure.py
    for case in CASES:
        (Path(sys.argv[1]) / f"{case.label}|{case.name}").write_bytes(case.make())
