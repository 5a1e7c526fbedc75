"""The invented names and the drawn photographs of the demo."""

import io
from datetime import datetime
from itertools import islice

from PIL import Image

from survey_app.core.clock import LOCAL_ZONE
from survey_app.demo.drawing import SUBJECTS, draw_photo
from survey_app.demo.names import people, plan_schools
from survey_app.organisations.loader import read_communes
from survey_app.organisations.stages import read_stages


def test_schools_are_invented_and_stand_in_real_wards() -> None:
    wards = {row.code for row in read_communes()}
    plans = plan_schools(24)
    assert all(" Mẫu " in plan.name and plan.ward_code in wards for plan in plans)
    assert len({plan.code for plan in plans}) == len({plan.name for plan in plans}) == 24
    assert any(plan.kind.satellites for plan in plans)


def test_codes_start_with_a_number_no_province_has_and_some_have_letters() -> None:
    codes = [plan.code for plan in plan_schools(24)]
    assert all(code.startswith("99") for code in codes) and not all(map(str.isdigit, codes))


def test_the_name_of_a_school_tells_its_stages() -> None:
    for plan in plan_schools(10):
        assert set(read_stages("Liên cấp", plan.name).stages or plan.kind.stages) <= set(plan.kind.stages)


def test_the_same_seed_gives_the_same_people() -> None:
    assert list(islice(people(5), 20)) == list(islice(people(5), 20)) != list(islice(people(6), 20))


def test_photos_carry_their_capture_date_and_differ() -> None:
    taken = datetime(2026, 5, 4, 8, 3, tzinfo=LOCAL_ZONE)
    photos = [draw_photo(subject, seed=seed, taken_at=taken) for seed, subject in enumerate(SUBJECTS)]
    assert len(set(photos)) == len(photos)
    assert draw_photo("yard", seed=1, taken_at=taken) != draw_photo("yard", seed=2, taken_at=taken)
    image = Image.open(io.BytesIO(photos[0]))
    assert image.getexif().get_ifd(0x8769)[0x9003] == "2026:05:04 08:03:00"
