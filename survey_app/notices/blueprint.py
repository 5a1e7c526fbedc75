"""The room's blueprint, shared by its files of pages."""

from flask import Blueprint

bp = Blueprint("notices", __name__, template_folder="templates", url_prefix="/notices")
