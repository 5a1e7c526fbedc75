"""What gunicorn loads for measuring: the app with the settings that the environment names."""

import json
import os
from pathlib import Path

from survey_app.app import create_app
from tests.conftest import make_settings

SETTINGS = json.loads(os.environ["BENCH_SETTINGS"])
START = {"TESTING": False, "DEMO": False, "RATELIMIT_ENABLED": True}

app = create_app(make_settings(Path(SETTINGS.pop("DATA_DIR")), **(START | SETTINGS)))
app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
