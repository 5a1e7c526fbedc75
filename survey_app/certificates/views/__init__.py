"""Pages of the room; each module adds its own to one blueprint."""

from survey_app.certificates.views import batches, issuers, public, register, standing
from survey_app.certificates.views.blueprint import bp

__all__ = ["batches", "bp", "issuers", "public", "register", "standing"]
