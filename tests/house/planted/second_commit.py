# plant: survey_app/organisations/planted_commit.py -> law 6
from survey_app.core.db import session


def change() -> None:
    session.commit()
