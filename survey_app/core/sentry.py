"""Failures sent to Sentry, only where SENTRY_DSN is set: what happened and where, nothing of anybody.

None of the library's integrations with Flask, SQL or logging is on: they would collect requests, statements
and breadcrumbs. Whatever it collects all the same is taken away before an event leaves (trust row 52). The id
of the request leads from an event to our own log, where the person's number is.
"""

from typing import TYPE_CHECKING, Any

from flask import Flask

from survey_app.core import logs

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

KEPT = frozenset({"event_id", "timestamp", "platform", "level", "exception", "environment", "tags", "sdk"})
TAGS = frozenset({"request_id", "job", "kind"})


def init_sentry(app: Flask, **options: Any) -> None:
    """Report failures when the app has a SENTRY_DSN; `options` go to the library (a test's transport)."""
    logs.report_to()
    if not app.config["SENTRY_DSN"]:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration

    sentry_sdk.init(
        dsn=app.config["SENTRY_DSN"],
        environment=app.config["ENV"],
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[AtexitIntegration(callback=lambda *_: None)],  # sends what waits, says nothing
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=_scrub,
        **options,
    )
    logs.report_to(_report)


def _report(error: BaseException) -> None:
    import sentry_sdk

    facts = logs.bound()
    with sentry_sdk.new_scope() as scope:
        for name in TAGS & facts.keys():
            scope.set_tag(name, facts[name])
        scope.capture_exception(error)


def _scrub(event: "Event", _hint: "Hint") -> "Event":
    """Leave what is known to hold nothing of a person: no request, words of exceptions or variables."""
    kept: Any = {name: value for name, value in event.items() if name in KEPT}
    for one in kept.get("exception", {}).get("values", []):
        one.pop("value", None)
        one.get("mechanism", {}).pop("data", None)
        for frame in one.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    kept["tags"] = {name: value for name, value in (kept.get("tags") or {}).items() if name in TAGS}
    scrubbed: Event = kept
    return scrubbed
