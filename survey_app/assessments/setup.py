"""Plug this room into the rooms below it."""

from flask import Flask

from survey_app.assessments.due import FormsOfNotices
from survey_app.assessments.plugs import FormsOfRounds, NoActions, NoDecisions, NoMemory, UsesInForms
from survey_app.assessments.ports import actions, decisions, memory
from survey_app.evidence.ports import uses
from survey_app.notices.ports import forms as notices_forms
from survey_app.rounds.ports import forms


def init_room(app: Flask) -> None:
    """Tell rounds how forms are made, evidence what its files are used for, notices who has not handed in."""
    forms.plug(FormsOfRounds())
    uses.plug(UsesInForms())
    memory.plug(NoMemory())
    actions.plug(NoActions())
    decisions.plug(NoDecisions())
    notices_forms.plug(FormsOfNotices())
