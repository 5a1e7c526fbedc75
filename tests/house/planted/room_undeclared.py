# plant: survey_app/drawer/__init__.py -> Staircase: a room imports only rooms below it
"""A room nobody declared."""
