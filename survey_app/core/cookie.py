"""The signed cookie without an age of its own: how long somebody stays signed in, the session's row says.

Flask takes a cookie that was signed "in the future" for a forged one. With the server's clock put back by an
hour, that would sign everybody out for an hour, and their saves would be refused.
"""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class AgelessCookie(SecureCookieSessionInterface):
    """Flask's cookie: whoever holds the key signed it, whenever that was."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie holds; empty when there is none or its signature is wrong."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app), "")
        try:
            return self.session_class(signer.loads(value) if value else {})
        except BadSignature:
            return self.session_class()
