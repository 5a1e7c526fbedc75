"""Background work of the room: letters for many schools, and the tidying of each day."""

from functools import partial
from typing import Any

from survey_app.accounts.service import ListChanged
from survey_app.core import clock
from survey_app.core.access import Actor
from survey_app.core.db import unit_of_work
from survey_app.invitations import packing, queries, service, tidying
from survey_app.invitations.handouts import Occasion, WardLetters
from survey_app.invitations.occasion import occasion_of
from survey_app.invitations.service import WardRows
from survey_app.invitations.store import letter_store
from survey_app.jobs.registry import JobCall, job
from survey_app.jobs.timetable import every

TRIES = 3  # a ward where somebody activates an account just now is drawn again


@job(service.JOB)
def draw_letters(call: JobCall) -> dict[str, Any]:
    """Ward by ward: draw codes and letters, store them encrypted, then let the codes count; then one file.

    A run that was broken off goes on with the wards that have no part yet; what it had drawn for the ward at
    hand counts for nothing and is swept.
    """
    assert call.actor is not None
    actor, batch_id = call.actor, int(call.params["batch"])
    with unit_of_work():
        batch = queries.get_batch(batch_id)
        wards = service.wards_to_do(batch, actor)
        form, issued_at, total, uid = batch.form, batch.created_at, batch.schools, batch.uid
        done = sum(part.schools for part in queries.parts_of(batch_id))
    occasion = occasion_of(actor, issued_at)
    call.progress(done, total)
    for ward in wards:
        done += _one_ward(call, batch_id, form, ward, actor, occasion)
        call.progress(done, max(done, total))
    _whole_file(call, batch_id, form, occasion)
    return {"url": f"/accounts/codes/{uid}"}


def _one_ward(
    call: JobCall, batch_id: int, form: str, ward: WardRows, actor: Actor, occasion: Occasion
) -> int:
    for attempt in range(TRIES):
        handouts = service.draw_codes(ward.rows)
        content = packing.put_part(form, WardLetters(ward.name, handouts), occasion)
        digest = letter_store().write(content)
        now = clock.now()
        try:
            count = partial(service.add_part, batch_id, ward, handouts, digest, actor=actor, now=now)
            return int(call.step(f"ward-{ward.ward_id}", count))
        except ListChanged:
            if attempt == TRIES - 1:
                raise
            with unit_of_work():
                ward = service.rows_again(queries.get_batch(batch_id), ward, actor)
            if not ward.rows:
                return 0
    return 0


def _whole_file(call: JobCall, batch_id: int, form: str, occasion: Occasion) -> None:
    store = letter_store()
    with unit_of_work():
        if queries.get_batch(batch_id).made_at is not None:
            return
        digests = [part.sha256 for part in queries.parts_of(batch_id)]
    content = packing.join_parts(form, [store.read(digest) for digest in digests], occasion)
    whole, size = store.write(content), len(content)
    gone = call.step("made", lambda: _set_made(batch_id, whole, size))
    for digest in gone:
        store.remove(digest)


def _set_made(batch_id: int, digest: str, size: int) -> list[str]:
    return service.set_made(queries.get_batch(batch_id), digest, size, now=clock.now())


@every("invitations.tidy", hour=1)
def tidy_daily() -> None:
    """Let go of letters whose day is over and of what askers said of themselves."""
    tidying.tidy(clock.now())
