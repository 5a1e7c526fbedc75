"""What the letters of an actor say of the office that issues them, from the settings."""

from datetime import datetime

from flask import current_app

from survey_app.accounts import codes
from survey_app.core.access import Actor
from survey_app.core.mail import site_address
from survey_app.invitations.handouts import Occasion
from survey_app.organisations.models import DEPARTMENT


def occasion_of(actor: Actor, now: datetime) -> Occasion:
    """Issuer, system, where to type the code, whom to ask, and until when a code issued now is good."""
    config = current_app.config
    return Occasion(
        issuer=config["DEPARTMENT_NAME"] if actor.unit_kind == DEPARTMENT else actor.unit_name,
        system=config["SYSTEM_NAME"],
        address=site_address("/account/activate"),
        contact=config["SUPPORT_CONTACT"],
        issued_at=now,
        expires_at=now + codes.VALID,
    )
