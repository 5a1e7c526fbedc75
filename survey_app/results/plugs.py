"""What this room tells the rooms below it, and what it assumes until a room above tells it better."""

from survey_app.assessments.ports import Prior, PriorValues
from survey_app.results import queries
from survey_app.results.content import plain_values


class MemoryOfResults:
    """`assessments.ports.Memory`: the frozen values of the last published form."""

    def prior_values(self, assessment_id: int) -> PriorValues | None:
        """The values of the unit's previous published form of the same purpose and set, or None."""
        result = queries.previous_result(assessment_id)
        if result is None:
            return None
        own, verified = plain_values(result.own), plain_values(result.content)
        reasons = result.content["reasons"]
        return PriorValues(
            result.content["facts"]["round"]["school_year"],
            {code: Prior(own.get(code), value, reasons.get(code, "")) for code, value in verified.items()},
            result.assessment_id,
        )


class NoPlans:
    """`ports.Plans` while no room above keeps any."""

    def planned(self, assessment_id: int) -> frozenset[str]:
        """Nothing is planned."""
        return frozenset()


class NoCertificates:
    """`ports.Certificates` while no room above issues any."""

    def has_valid(self, result_id: int) -> bool:
        """No certificate was issued."""
        return False
