"""What the web server loads: `gunicorn wsgi:app`; also the app of the `flask` commands."""

from survey_app.app import create_app

app = create_app()
