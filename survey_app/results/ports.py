"""What higher rooms tell this one: whether a certificate stands on a result."""

from typing import Protocol

from survey_app.core.sockets import Socket


class Certificates(Protocol):
    """Knows the certificates issued for results."""

    def has_valid(self, result_id: int) -> bool:
        """True when a certificate that is neither revoked nor expired was issued for the result."""


certificates: Socket[Certificates] = Socket("results.certificates")
