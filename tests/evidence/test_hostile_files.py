"""Every odd or hostile file is taken whole or refused with a sentence that says what to do."""

import io

import pytest
from PIL import Image

from survey_app.evidence.intake import take_in
from survey_app.evidence.refusals import FileRefused
from tests.evidence.case import Case
from tests.evidence.hostile import CASES

TAKEN = [case for case in CASES if case.sentence is None]
REFUSED = [case for case in CASES if case.sentence is not None]


@pytest.mark.parametrize("case", TAKEN, ids=lambda case: case.label)
def test_an_odd_but_honest_file_is_taken(case: Case) -> None:
    intake = take_in(io.BytesIO(case.make()), case.name)
    for picture in [picture for picture in (intake.thumb, *intake.pages) if picture]:
        opened = Image.open(io.BytesIO(picture), formats=["JPEG"])
        opened.load()
        assert max(opened.size) <= 1600


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.label)
def test_a_file_we_cannot_take_is_refused_in_words(case: Case) -> None:
    with pytest.raises(FileRefused) as refusal:
        take_in(io.BytesIO(case.make()), case.name)
    assert case.sentence is not None and case.sentence in str(refusal.value)
    assert refusal.value.status == 422


def test_there_are_at_least_sixty_kinds() -> None:
    assert len({case.label for case in CASES}) == len(CASES) >= 60
