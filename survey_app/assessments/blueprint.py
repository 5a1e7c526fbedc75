"""The room's blueprint, shared by its files of pages."""

from flask import Blueprint

bp = Blueprint("assessments", __name__, template_folder="templates", url_prefix="/assessments")
