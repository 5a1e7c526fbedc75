"""Doing background work in a test, without a worker process."""

from flask import Flask, has_app_context
from sqlalchemy import select

from survey_app.core.db import session
from survey_app.jobs.models import QUEUED, Job
from survey_app.jobs.runner import run_job


def list_queued_jobs() -> list[str]:
    """Addresses of the jobs that wait, oldest first."""
    return list(session.scalars(select(Job.uid).where(Job.state == QUEUED).order_by(Job.id)))


def run_queued_jobs(app: Flask) -> int:
    """Do every waiting job now, oldest first, as the worker would; returns how many there were.

    Commit what asked for the jobs first. A job that fails is marked, not raised: look at `Job.error`.
    """
    if has_app_context():
        session.rollback()  # a test that looks at a row again holds the write lock
    with app.app_context():
        uids = list_queued_jobs()
    for uid in uids:
        run_job(app, uid)
    return len(uids)
