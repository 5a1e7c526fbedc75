# plant: survey_app/organisations/planted_up.py -> Staircase: a room imports only rooms below it
from survey_app.jobs import service  # a lower room reaches up
