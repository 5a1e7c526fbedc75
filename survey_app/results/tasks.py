"""Background work of the room: concluding a round, 50 forms at a time."""

from functools import partial
from typing import Any

from survey_app.core import clock
from survey_app.jobs.registry import JobCall, job
from survey_app.results import queries, service


@job(service.JOB)
def finalise(call: JobCall) -> dict[str, Any]:
    """Conclude every approved form of a round, then note that the round is published.

    The list of forms is a step of its own, so that a second run after a crash goes on with the same list.
    """
    assert call.actor is not None
    actor, round_id = call.actor, int(call.params["round_id"])
    ids: list[int] = call.step("forms", lambda: queries.approved_ids(round_id))
    for start in range(0, len(ids), service.STEP):
        piece = ids[start : start + service.STEP]
        publish = partial(service.finalise_forms, round_id, piece, actor=actor, now=clock.now())
        call.step(f"publish-{start}", publish)
        call.progress(start + len(piece), len(ids))
    call.step("close", lambda: service.close_round(round_id, actor=actor, now=clock.now()))
    return {"url": f"/results/{call.params['round_uid']}?tab=spread"}
