"""What higher rooms tell this one: whether a certificate stands on a result, what a school has planned."""

from typing import Protocol

from survey_app.core.sockets import Socket


class Certificates(Protocol):
    """Knows the certificates issued for results."""

    def has_valid(self, result_id: int) -> bool:
        """True when a certificate that is neither revoked nor expired was issued for the result."""


class Plans(Protocol):
    """Knows the improvement plans of the schools."""

    def planned(self, assessment_id: int) -> frozenset[str]:
        """The indicators of a form for which its school's plan has something to do."""


certificates: Socket[Certificates] = Socket("results.certificates")
plans: Socket[Plans] = Socket("results.plans")
