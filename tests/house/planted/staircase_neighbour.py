# plant: survey_app/exports/planted_across.py -> Staircase: a room imports only rooms below it
from survey_app.certificates import models  # the same step, never each other
