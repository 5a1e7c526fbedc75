# plant: survey_app/organisations/helpers.py -> law 10
"""A drawer for everything."""
