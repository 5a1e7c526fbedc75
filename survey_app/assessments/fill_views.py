"""Pages where a school fills in one nội dung, and the one place that takes an answer."""

import uuid

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from survey_app.accounts import queries as people
from survey_app.assessments import cards, carrying, queries, service
from survey_app.assessments.blueprint import bp
from survey_app.assessments.checks import gaps_of_cards
from survey_app.assessments.forms import AnswerForm, SettleForm, first_error
from survey_app.assessments.models import Answer
from survey_app.assessments.outline_views import outline_tag
from survey_app.assessments.queries import Form
from survey_app.assessments.saving import Edit, StaleAnswer, save_answer, save_at_other_sites
from survey_app.assessments.standing import came_from, standing
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import error_page, say, wants_json
from survey_app.core.filters import write_clock
from survey_app.rules.errors import BadInput, NotFound, RuleError
from survey_app.rules.framework import Criterion
from survey_app.rules.scoring import why_not_applicable


@bp.get("/<uid>/fill/<code>")
@requires("assessments.edit")
def fill(uid: str, code: str) -> ResponseReturnValue:
    """One nội dung: each indicator with its level sentences, at each site where the set says so."""
    form = queries.get_visible_form(acting(), uid)
    return render_fill(form, _criterion(form, code))


def _criterion(form: Form, code: str) -> Criterion:
    found = form.framework.criteria.get(code)
    if found is None:
        raise NotFound()
    return found


def render_fill(form: Form, criterion: Criterion, **context: object) -> str:
    """The filling page; `context` adds an error or two versions of one answer."""
    page = cards.fill_page(form, criterion)
    return render_template(
        "assessments/fill.html",
        form=form,
        page=page,
        gaps=gaps_of_cards(form, page.cards) if came_from(form) else {},
        site_names={site["id"]: site["name"] for site in form.participation.sites},
        added=request.args.get("added", ""),
        saved_at=page.saved_at(request.args.get("saved", "")),
        profile_names={question.code: question.question for question in form.framework.profile},
        contact=people.contact_of(form.participation.reviewing_unit),
        new_key=new_key,
        outline_tag=outline_tag(form),
        **{**standing(form, page.returned), **context},
    )


def new_key() -> str:
    """The key of one press of a button: two presses on the same page carry the same, so one has effect."""
    return uuid.uuid4().hex


@bp.post("/<uid>/answers")
@requires("assessments.edit")
def answer(uid: str) -> ResponseReturnValue:
    """Store one answer, from the script (JSON) or from the page's own button (back to the page)."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    fields = AnswerForm()
    valid = fields.validate_on_submit()
    edit = _edit_of(fields)
    if not valid:
        return _refuse(form, edit, BadInput.status, first_error(fields))
    try:
        saved = save_answer(form, edit, actor=acting(), now=clock.now())
        if fields.everywhere.data and edit.site_id:
            save_at_other_sites(form, edit, actor=acting(), now=clock.now())
    except NotFound:
        raise
    except StaleAnswer as stale:
        return _refuse(form, edit, stale.status, say(stale), theirs=_plain(stale.current))
    except RuleError as refusal:
        return _refuse(form, edit, refusal.status, say(refusal))
    if wants_json():
        return jsonify(version=saved.version, saved_at=write_clock(saved.at), progress=progress(form))
    criterion = form.framework.criterion_of[edit.indicator].code
    saved_at, back = edit.indicator, came_from(form)
    return redirect(url_for(".fill", uid=uid, code=criterion, saved=saved_at, back=back, _anchor=saved_at))


def _edit_of(fields: AnswerForm) -> Edit:
    """The change as typed; a sender that names no key gets the request's, which never comes again."""
    return Edit(
        indicator=fields.indicator.data or "",
        site_id=fields.site.data or 0,
        value=fields.value.data,
        comment=fields.comment.data or "",
        base_version=fields.base_version.data or 0,
        key=fields.key.data or str(g.request_id),
    )


def _refuse(
    form: Form, edit: Edit, status: int, sentence: str, theirs: dict[str, object] | None = None
) -> ResponseReturnValue:
    """Nothing is stored and nothing typed is lost: the page comes back with the typed text in its place."""
    mark_refused()
    if wants_json():
        body: dict[str, object] = {"error": sentence}
        if theirs is not None:
            body |= {"mine": {"value": edit.value, "comment": edit.comment}, "theirs": theirs}
        return jsonify(body), status
    criterion = form.framework.criterion_of.get(edit.indicator)
    if criterion is None:
        return error_page(status, sentence)
    return render_fill(form, criterion, error=sentence, typed=edit, theirs=theirs), status


def progress(form: Form) -> dict[str, int]:
    """The numbers that follow an answer on the page."""
    row = form.assessment
    return {
        "answered": row.answered,
        "applicable": row.applicable,
        "needed": row.evidence_needed,
        "had": row.evidence_had,
    }


def _plain(answer: Answer | None) -> dict[str, object]:
    """The stored answer as the other side of a conflict: value, words, version, who and when.

    `key` is that of its last change when this person made it: a browser that knows the key has met its own
    save, whose answer was lost on the way, and nobody else's.
    """
    if answer is None:
        return {"value": None, "comment": "", "version": 0, "by": "", "at": "", "key": ""}
    names = people.names_of(filter(None, [answer.updated_by_id]))
    by = names.get(answer.updated_by_id or 0, "")
    return {
        "value": answer.value,
        "comment": answer.comment,
        "version": answer.version,
        "by": by,
        "at": write_clock(answer.updated_at),
        "key": queries.own_key_of(answer, acting().user_id),
    }


@bp.get("/<uid>/history/<code>")
@requires("assessments.read")
def history(uid: str, code: str) -> ResponseReturnValue:
    """Who changed one indicator, when, from what to what."""
    form = queries.get_visible_form(acting(), uid)
    indicator = form.framework.by_code.get(code)
    if indicator is None:
        raise NotFound()
    changes = queries.changes_of(form.assessment.id, code)
    return render_template(
        "assessments/history.html",
        form=form,
        indicator=indicator,
        changes=changes,
        names=people.names_of(change.actor_id for change, _ in changes if change.actor_id),
        site_names={site["id"]: site["name"] for site in form.participation.sites},
    )


@bp.post("/<uid>/settle/<code>")
@requires("assessments.edit")
def settle(uid: str, code: str) -> ResponseReturnValue:
    """The school keeps its answer of a returned indicator."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    fields, sentence = SettleForm(), ""
    because = fields.because.data or ""
    if not fields.validate():
        sentence = first_error(fields)
    else:
        try:
            service.settle_returned(form, code, because, actor=acting(), now=clock.now())
        except BadInput as refusal:
            sentence = say(refusal)
    if sentence:
        mark_refused()
        unsettled = {"code": code, "text": because, "error": sentence}
        at = form.framework.criterion_of.get(code)
        if at is None:
            raise NotFound()
        return render_fill(form, at, unsettled=unsettled), BadInput.status
    criterion = _criterion(form, form.framework.criterion_of[code].code).code
    saved, back = request.args.get("saved"), came_from(form)
    return redirect(url_for(".fill", uid=uid, code=criterion, saved=saved, back=back, _anchor=code))


@bp.post("/<uid>/copy")
@requires("assessments.edit")
def copy(uid: str) -> ResponseReturnValue:
    """Last year's answers as proposals, each to be confirmed."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    copied = carrying.copy_all(form, actor=acting(), now=clock.now())
    if copied:
        words = ngettext(
            "Đã chép %(num)d tiêu chí từ năm trước, đang chờ xác nhận.",
            "Đã chép %(num)d tiêu chí từ năm trước, đang chờ xác nhận.",
            copied,
        )
        flash(words)
    return redirect(url_for(".show", uid=uid))


@bp.post("/<uid>/keep/<code>")
@requires("assessments.edit")
def keep(uid: str, code: str) -> ResponseReturnValue:
    """The school keeps last year's answer of one indicator; on to the next that waits to be looked at."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    at = form.framework.criterion_of.get(code)
    if at is None:
        raise NotFound()
    try:
        carrying.keep_as_before(form, code, actor=acting(), now=clock.now())
    except RuleError as refusal:
        mark_refused()
        return render_fill(form, at, error=say(refusal)), refusal.status
    waiting = {row.indicator for row in queries.answers_of(form.assessment.id).values() if not row.confirmed}
    asked = (one.code for one in at.indicators if not why_not_applicable(one, form.facts))
    onward = next((one for one in asked if one in waiting), code)
    return redirect(url_for(".fill", uid=uid, code=at.code, saved=code, back=came_from(form), _anchor=onward))
