# plant: survey_app/organisations/planted_begin.py -> law 6
from survey_app.core.db import db


def change() -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM site")
