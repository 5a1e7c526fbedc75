# plant: survey_app/rules/planted_library.py -> rules are pure: the standard library only
import sqlalchemy
