"""What anybody may ask: is this certificate real, and does it still hold?"""

from collections.abc import Sequence
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.accounts.throttling import address_key, throttle
from survey_app.certificates import queries
from survey_app.certificates.models import Certificate
from survey_app.certificates.numbering import read_code
from survey_app.certificates.views.blueprint import bp
from survey_app.core import clock
from survey_app.core.access import public

# Codes cannot be guessed and numbers can: only tries by number, and codes that do not exist, are counted.
TRIES, WINDOW = 60, timedelta(minutes=10)


@bp.get("/tra-cuu")
@public
def look_up() -> ResponseReturnValue:
    """A box for the number on the paper or the code below the QR code; by number the answer stands here."""
    asked = request.args.get("q", "")[:200].strip()
    if not asked:
        return render_template("certificates/look_up.html", asked="", found=None)
    code = read_code(asked)
    if code is not None:
        return redirect(url_for(".look_up_code", code=code))
    _count_try()
    return _answer(queries.find_by_number(asked), asked)


@bp.get("/tra-cuu/<code>")
@public
def look_up_code(code: str) -> ResponseReturnValue:
    """What the QR code opens."""
    known = read_code(code)
    found = queries.find_by_code(known) if known else None
    if found is None:
        _count_try()
        return _answer([], code[:80])
    return _answer([found], found.printed_number)


def _count_try() -> None:
    throttle("look_up", address_key(request.remote_addr or ""), TRIES, WINDOW, clock.now())


def _answer(found: Sequence[Certificate], asked: str) -> ResponseReturnValue:
    now = clock.now()
    entries = [queries.entry_of(one, clock.local_date(now)) for one in found]
    successors = {one.id: queries.successor_of(one) for one in found if one.superseded_by_id}
    page = render_template(
        "certificates/look_up.html", asked=asked, found=entries, successors=successors, now=now
    )
    return page, 200 if entries else 404
