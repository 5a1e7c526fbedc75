# plant: survey_app/organisations/planted_side.py -> law 4
from flask import request
