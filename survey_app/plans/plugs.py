"""What this room tells the rooms below it: what is planned, and the files of what was done."""

from collections.abc import Collection, Mapping, Sequence

from survey_app.assessments.ports import Offered
from survey_app.plans import queries


class PlansOfResults:
    """`results.ports.Plans`: which indicators a plan already has."""

    def planned(self, assessment_id: int) -> frozenset[str]:
        """The indicators of a form for which its school's plan has something to do."""
        return queries.planned_indicators(assessment_id)


class FinishedActions:
    """`assessments.ports.Actions`: the files of actions that were finished since earlier rounds."""

    def evidence_for(
        self, assessment_id: int, indicators: Collection[str]
    ) -> Mapping[str, Sequence[Offered]]:
        """The files by indicator, those of the latest round first, each once."""
        found: dict[str, dict[int, Offered]] = {}
        for indicator, action, file in queries.finished_evidence(assessment_id, indicators):
            found.setdefault(indicator, {}).setdefault(file.id, Offered(file, action))
        return {indicator: list(files.values()) for indicator, files in found.items()}
