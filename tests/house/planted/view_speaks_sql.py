# append: survey_app/organisations/views.py -> Views and forms speak no SQL
from sqlalchemy import select
