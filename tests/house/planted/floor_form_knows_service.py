# append: survey_app/organisations/forms.py -> Floors inside a room are one-way; forms and services do not know each other
from survey_app.organisations import service
