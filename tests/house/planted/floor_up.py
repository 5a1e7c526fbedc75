# append: survey_app/organisations/models.py -> Floors inside a room are one-way; forms and services do not know each other
from survey_app.organisations import service  # a table reaches up to a service
