# plant: survey_app/organisations/planted_clock.py -> law 9
from datetime import datetime


def change() -> datetime:
    return datetime.now()
