# plant: survey_app/rules/planted_core.py -> rules are pure: the standard library only
from survey_app.core import clock
