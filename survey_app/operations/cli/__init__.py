"""Commands of the room; `setup` adds the groups `audit` and `data` beside `backup`."""

from survey_app.operations.cli.backup import cli

__all__ = ["cli"]
