"""What gunicorn says of itself, in the same form and place as our own lines: `gunicorn --logger-class`."""

import os
from typing import Any

from gunicorn.glogging import Logger

from survey_app.config import log_settings
from survey_app.core import logs


class ServerLogger(Logger):
    """Gunicorn's logger with our handler; requests are logged by `core.watch`, never by gunicorn."""

    def setup(self, cfg: Any) -> None:
        """Set up as gunicorn does, then write where we write."""
        super().setup(cfg)
        said = log_settings(os.environ)
        words = os.environ.get("ENV", "development") == "development"
        self.error_log.handlers[:] = [logs.configure(said["LOG_FORMAT"], said["LOG_LEVEL"], words=words)]
        self.access_log.handlers.clear()
