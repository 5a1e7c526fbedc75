"""Plug this room into the rooms below it."""

from collections.abc import Collection, Mapping

from flask import Flask

from survey_app.assessments.ports import Recognition, decisions
from survey_app.certificates import queries
from survey_app.certificates.standing import Standing
from survey_app.results.ports import certificates


class IssuedCertificates:
    """`results.ports.Certificates`: what was issued for a result."""

    def has_valid(self, result_id: int) -> bool:
        """True when the form of the result has a certificate that is neither revoked nor replaced."""
        return queries.has_standing(result_id)


class DecisionsOfCertificates:
    """`assessments.ports.Decisions`: the Decision of the certificate that stands on a form."""

    def of_forms(self, assessment_ids: Collection[int]) -> Mapping[int, Recognition]:
        """Also of one that has expired: the year was recognised. Never of content that somebody changed."""
        found = {}
        for row in queries.standing_of_forms(assessment_ids):
            entry = queries.entry_of(row, row.valid_until)
            if entry.standing is not Standing.BROKEN:
                number, trial = entry.content["decision"]["number"], entry.content["trial"]
                url = f"/certificates/{row.uid}"
                found[row.assessment_id] = Recognition(number, entry.decision_date, trial, url)
        return found


def init_room(app: Flask) -> None:
    """Withdraw no result on which a certificate stands; tell forms and results what was recognised."""
    certificates.plug(IssuedCertificates())
    decisions.plug(DecisionsOfCertificates())
