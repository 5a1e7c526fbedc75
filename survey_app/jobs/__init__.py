"""Thin face of the job engine: enqueue, progress row, progress page, worker.

A room that has slow work writes `tasks.py`:

    @job("exports.round")
    def make_round_workbook(call: JobCall) -> dict[str, Any] | None: ...

and its service enqueues it inside the request's transaction:

    jobs.service.enqueue("exports.round", {"export": export.id}, label="…", actor=actor, now=now)
"""
