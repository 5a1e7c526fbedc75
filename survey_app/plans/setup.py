"""Plug this room into the rooms below it."""

from flask import Flask

from survey_app.assessments.ports import actions
from survey_app.plans.plugs import FinishedActions, PlansOfResults
from survey_app.results.ports import plans


def init_room(app: Flask) -> None:
    """Tell results what is planned, and forms which files show what was done."""
    plans.plug(PlansOfResults())
    actions.plug(FinishedActions())
