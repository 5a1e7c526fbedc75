"""What a certificate is worth on a day, and the words for it in both languages."""

from datetime import date
from enum import StrEnum

from survey_app.certificates.models import Certificate
from survey_app.rules.canonical import sha256_of


class Standing(StrEnum):
    """Where a certificate stands; `BROKEN`: its stored content is no longer what was hashed."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    BROKEN = "broken"


def standing_of(certificate: Certificate, today: date) -> Standing:
    """The standing of a certificate; the last day of its validity still counts.

    Content that does not fit its digest is never called valid: somebody changed the row.
    """
    if sha256_of(certificate.content) != certificate.sha256:
        return Standing.BROKEN
    if certificate.revoked_at is not None:
        return Standing.REVOKED
    if certificate.superseded_at is not None:
        return Standing.SUPERSEDED
    return Standing.EXPIRED if certificate.valid_until < today else Standing.VALID
