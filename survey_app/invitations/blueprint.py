"""The room's blueprint, shared by its files of pages."""

from flask import Blueprint

bp = Blueprint("invitations", __name__, template_folder="templates")
