"""What gunicorn loads for measuring: the app on the folder named by BENCH_FOLDER."""

import os
from pathlib import Path

from survey_app.app import create_app
from tests.conftest import make_settings

app = create_app(make_settings(Path(os.environ["BENCH_FOLDER"]), TESTING=False, DEMO=False))
app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
