"""Plug this room into the rooms below it."""

from flask import Flask

from survey_app.assessments.ports import memory
from survey_app.results.plugs import MemoryOfResults, NoCertificates, NoPlans
from survey_app.results.ports import certificates, plans


def init_room(app: Flask) -> None:
    """Remember earlier rounds for the pages of a form; nothing stands on a result yet."""
    memory.plug(MemoryOfResults())
    certificates.plug(NoCertificates())
    plans.plug(NoPlans())
