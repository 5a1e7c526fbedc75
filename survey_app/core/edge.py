"""The edge of a request: who is calling, may they, one transaction, and what a refusal becomes."""

import re
import uuid
from collections.abc import Callable
from contextlib import suppress

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError
from werkzeug.exceptions import NotFound as Missing

from survey_app.core import audit, clock, db, logs, watch
from survey_app.core.access import Actor, Policy, check_policies, current_actor, policy_of
from survey_app.core.filters import write_size
from survey_app.core.outage import RETRY_SECONDS, is_disk_full, is_outage
from survey_app.core.sent import OurRequest
from survey_app.rules.errors import N_, RuleError

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORM_AROUND_A_FILE = 64 * 1024  # the other fields of a form that uploads a file
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
PASTED = dict.fromkeys(map(ord, "\t\r\n"), " ")
ActorLoader = Callable[[], Actor | None]
SignedOut = Callable[[], ResponseReturnValue]


class SessionOver(RuleError):
    """The session or the role ended while the request did its slow work."""

    status = 401
    message = N_("Phiên làm việc đã hết. Hãy đăng nhập lại.")


def init_edge(app: Flask) -> None:
    """Open and end the unit of work around every request; check the policy before every view."""
    app.request_class = OurRequest
    app.before_request(_open)
    app.before_request(_authorise)
    app.after_request(_close)
    app.teardown_request(_abandon)
    app.register_error_handler(RuleError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crashed)


def set_actor_loader(app: Flask, load: ActorLoader) -> None:
    """Plug in who the caller is (the accounts room knows)."""
    app.extensions["actor_loader"] = load


def set_signed_out_answer(app: Flask, answer: SignedOut) -> None:
    """Plug in what a caller without a session gets on a private page (302 on GET, 401 on POST)."""
    app.extensions["signed_out_answer"] = answer


def wants_json() -> bool:
    """True when the caller (our own scripts) asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _open() -> None:
    g.request_id = uuid.uuid4().hex[:16]
    watch.note_id(g.request_id)
    g.unit_of_work_open = True
    policy = policy_of(current_app, request.endpoint) if request.endpoint else None
    write = request.method in UNSAFE and not (policy and policy.slow)
    db.start_request(write=write, check=_check_caller_again)
    if policy and policy.upload:  # before anything, such as the CSRF check, reads the body
        request.max_content_length = current_app.config["MAX_UPLOAD_LENGTH"] + FORM_AROUND_A_FILE
    _check_address()
    _check_body()
    # A foreign Host leaves no URL adapter: any url_for() would turn the 400 into a 500.
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception


def _check_address() -> None:
    """No address of ours has a control character; PostgreSQL would not even take NUL as a value to look for.

    What people type in a form is for its fields to judge. Tabs and line breaks come with pasted search words.
    """
    if CONTROLS.search(request.path):
        raise Missing()
    asked = request.args.items(multi=True)
    if any(CONTROLS.search(text.translate(PASTED)) for pair in asked for text in pair):
        raise BadRequest()


def _check_body() -> None:
    """No page of ours takes JSON: a library that would read it (signing in) meets shapes no field expects."""
    if request.method in UNSAFE and request.is_json:
        raise BadRequest()


def _authorise() -> ResponseReturnValue | None:
    load: ActorLoader | None = current_app.extensions.get("actor_loader")
    if request.endpoint is None or request.endpoint == "static":
        return None
    policy = policy_of(current_app, request.endpoint) or Policy("")
    g.actor = load() if load else None
    if policy.permission is None:
        return None
    if g.actor is None:
        return _signed_out()
    if not g.actor.may(policy.permission):
        _audit_denied(g.actor, policy.permission)
        return error_page(403, gettext("Tài khoản này không được dùng trang này."))
    return None


def _signed_out() -> ResponseReturnValue:
    answer: SignedOut | None = current_app.extensions.get("signed_out_answer")
    return answer() if answer else redirect(url_for("security.login"))


def _check_caller_again() -> None:
    """Slow work takes a while: whoever has lost the session or the role by now may not finish the act."""
    before: Actor | None = g.get("actor")
    if before is None:
        return
    g.actor = current_app.extensions["actor_loader"]()
    if g.actor is None or (g.actor.session_id, g.actor.membership_id) != (
        before.session_id,
        before.membership_id,
    ):
        raise SessionOver()


def _audit_denied(actor: Actor, permission: str) -> None:
    subject, at = ("route", (request.endpoint or "")[:64]), clock.now()
    new = {"path": request.path[:200], "method": request.method}

    def record() -> None:
        audit.record(actor, permission, subject, now=at, outcome="denied", new=new)

    db.survive(record)


def _close(response: Response) -> Response:
    if g.pop("unit_of_work_open", False):
        try:
            db.end_request(success=response.status_code < 400)
        except Exception as error:  # Flask would answer 500 to whatever happens after the view
            answer = _refused(error) if isinstance(error, RuleError) else _crashed(error)
            return current_app.make_response(answer)
    return response


def _abandon(error: BaseException | None) -> None:
    if g.pop("unit_of_work_open", False):
        db.end_request(success=False)


def say(refusal: RuleError) -> str:
    """The sentence of a refusal in the page's language."""
    sentence = gettext(refusal.message)
    return str(sentence % refusal.params if refusal.params else sentence)


def _refused(error: RuleError) -> ResponseReturnValue:
    db.mark_refused()
    if isinstance(error, SessionOver):
        return _signed_out()
    actor = current_actor()
    # An object that is not there for this person may be somebody else's: who asks is noted as well.
    if error.status in (403, 404) and actor is not None:
        _audit_denied(actor, type(error).__name__)
    page = error_page(error.status, say(error))
    response = current_app.make_response(page)
    if "retry_after" in error.params:
        response.headers["Retry-After"] = str(error.params["retry_after"])
    return response


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    db.mark_refused()
    if isinstance(error, SecurityError):  # a foreign Host: no address can be built, so no page either
        return Response("Địa chỉ truy cập không đúng.\n", error.code, mimetype="text/plain")
    if isinstance(error, CSRFError):
        return error_page(
            400, gettext("Trang đã mở quá lâu hoặc đã đăng nhập lại ở nơi khác. Hãy tải lại rồi gửi lại.")
        )
    response = current_app.make_response(error_page(error.code, sentence_for(error.code)))
    response.headers.update({k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After")})
    return response


def _crashed(error: Exception) -> ResponseReturnValue:
    db.mark_refused()
    if is_outage(error):
        return _outage(error)
    logs.failure("request failed", error)
    if current_app.testing:
        raise error
    return error_page(500, sentence_for(500))


def _outage(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("request %s met an outage", g.get("request_id", "-"), exc_info=error)
    db.abandon()  # the page below must not ask a database that has just failed
    _take_the_rest()
    status = 507 if is_disk_full(error) else 503
    response = current_app.make_response(error_page(status, sentence_for(status)))
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _take_the_rest() -> None:
    """Read what is still coming of an upload: a browser cut off while it sends never sees the answer."""
    with suppress(Exception):
        while request.stream.read(64 * 1024):
            pass


def sentence_for(status: int) -> str:
    """What a person is told for an HTTP status: what happened and what to do."""
    sentences: dict[int, str] = {
        400: gettext("Yêu cầu gửi lên chưa đúng. Hãy tải lại trang rồi thử lại."),
        401: gettext("Phiên làm việc đã hết. Hãy đăng nhập lại."),
        404: gettext("Không tìm thấy trang này, hoặc tài khoản không được xem."),
        405: gettext("Trang này không nhận cách gửi đó. Hãy quay lại và bấm nút trên trang."),
        413: gettext(
            "Tệp hoặc nội dung gửi lên quá lớn: trang này nhận nhiều nhất %(size)s. "
            "Hãy nén, giảm cỡ ảnh hoặc chia nhỏ rồi gửi lại.",
            size=write_size(_most_bytes()),
        ),
        429: gettext("Thầy/Cô đã thử nhiều lần trong thời gian ngắn. Hãy chờ vài phút rồi thử lại."),
        500: gettext("Hệ thống gặp trục trặc, việc vừa làm chưa được ghi. Hãy thử lại sau ít phút."),
        503: gettext(
            "Hệ thống đang bận hoặc đang bảo trì. Hãy thử lại sau ít phút; việc vừa làm chưa được ghi."
        ),
        507: gettext("Máy chủ hết chỗ lưu nên việc vừa làm chưa được ghi. Hãy báo quản trị và thử lại sau."),
    }
    return sentences[status] if status in sentences else sentences[400 if status < 500 else 500]


def _most_bytes() -> int:
    """What the present page takes: more where a file is handed in."""
    policy = policy_of(current_app, request.endpoint) if request.endpoint else None
    return int(current_app.config["MAX_UPLOAD_LENGTH" if policy and policy.upload else "MAX_CONTENT_LENGTH"])


def error_page(status: int, sentence: str) -> ResponseReturnValue:
    """An answer that says in one sentence what happened and what to do, as a page or as JSON."""
    if wants_json():
        return jsonify(error=sentence, code=g.get("request_id", "")), status
    return render_template(
        "error.html", status=status, sentence=sentence, request_id=g.get("request_id", "")
    ), status


def finish_setup(app: Flask) -> None:
    """Last step of start-up: every route has a policy or the app does not start (law 7)."""
    check_policies(app)
