"""A fence against a script gone wild: how often one person, or one address signed out, may ask in a minute.

Counted in the memory of each server process (decision 8), so a caller gets at most this many times the number
of processes; with RATELIMIT_STORAGE_URI the processes share one count. Guessing passwords and certificate
codes is slowed in the database instead, by `accounts.throttling`.
"""

from flask import Flask, g, request
from flask_limiter import Limiter

PER_PERSON = "1200 per minute"
PER_ADDRESS = "600 per minute"  # a whole school stands behind one address


def _caller() -> str:
    actor = g.get("actor")
    return f"person {actor.user_id}" if actor else f"address {request.remote_addr}"


def _most() -> str:
    return PER_PERSON if g.get("actor") else PER_ADDRESS


def _is_free() -> bool:
    return request.endpoint == "static" or request.path in ("/healthz", "/readyz")


def init_limits(app: Flask) -> None:
    """Count each request once the edge knows who asks; too many answer 429 in words."""
    limiter = Limiter(_caller, default_limits=[_most], default_limits_exempt_when=_is_free)
    limiter.init_app(app)
