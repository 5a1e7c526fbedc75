"""Plug this room into the rooms below it."""

from flask import Flask

from survey_app.certificates import queries
from survey_app.results.ports import certificates


class IssuedCertificates:
    """`results.ports.Certificates`: what was issued for a result."""

    def has_valid(self, result_id: int) -> bool:
        """True when the form of the result has a certificate that is neither revoked nor replaced."""
        return queries.has_standing(result_id)


def init_room(app: Flask) -> None:
    """Let no result be withdrawn from publication while a certificate stands on it."""
    certificates.plug(IssuedCertificates())
