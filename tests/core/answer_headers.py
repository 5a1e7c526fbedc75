"""What every answer must carry (decision 13, trust.md), page, file or refusal."""

import re

from werkzeug.test import TestResponse

DECISION_13 = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# A file that people sent in may not even run scripts of ours.
POLICIES = ([DECISION_13], ["sandbox; default-src 'none'"])
SAID = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def lacking(answer: TestResponse, *, private: bool = True) -> list[str]:
    """The headers an answer lacks or has wrong; `private` is all but the static files of the program."""
    headers = answer.headers
    wrong = [name for name, value in SAID.items() if headers.getlist(name) != [value]]
    if headers.getlist("Content-Security-Policy") not in POLICIES:
        wrong.append("Content-Security-Policy")
    if not re.fullmatch(r"[0-9a-f]{16}", headers.get("X-Request-Id", "")):
        wrong.append("X-Request-Id")
    kept = headers.get("Cache-Control", "")
    if private and not (kept == "no-store" or kept.startswith("private")):
        wrong.append("Cache-Control")
    if private and "Cookie" not in headers.get("Vary", ""):
        wrong.append("Vary")
    return wrong
