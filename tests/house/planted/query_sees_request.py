# append: survey_app/organisations/queries.py -> Services, queries and models never see the request
from flask import request
