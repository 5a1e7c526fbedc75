"""Pages of Tổ tự đánh giá: the team and its parts, who did what, the team's papers."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import queries as people
from survey_app.accounts.queries import Person as Colleague
from survey_app.assessments import cards, queries, team
from survey_app.assessments.blueprint import bp
from survey_app.assessments.forms import TeamForm, TeamMemberForm
from survey_app.assessments.models import TeamMember
from survey_app.assessments.paper_views import DOCX, attachment
from survey_app.assessments.queries import Form
from survey_app.assessments.standing import standing
from survey_app.assessments.team_papers import PAPERS, team_paper
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import mark_refused
from survey_app.core.edge import say
from survey_app.core.web import page_number
from survey_app.rules.errors import NotFound, RuleError


@bp.get("/<uid>/team")
@requires("assessments.read")
def team_page(uid: str) -> ResponseReturnValue:
    """Who fills the form in together, and which nội dung each has."""
    form = queries.get_visible_form(acting(), uid)
    found = queries.team_of(form.assessment.id)
    return _render(form, found, TeamForm(obj=found.row))


def _render(form: Form, found: queries.Team, fields: TeamForm, problem: str = "") -> str:
    given = {code for member in found.members for code in member.criteria}
    return render_template(
        "assessments/team.html",
        form=form,
        team=found,
        fields=fields,
        problem=problem,
        duty_names=team.DUTY_NAMES,
        not_given=[one for one in cards.open_criteria(form) if one.code not in given],
        accounts={person.user_id: person.name for person in people.people_of(form.participation.unit_id)},
        **standing(form),
    )


@bp.post("/<uid>/team")
@requires("assessments.edit")
def save_team(uid: str) -> ResponseReturnValue:
    """Write the school's decision."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    fields = TeamForm()
    if not fields.validate_on_submit():
        return _render(form, queries.team_of(form.assessment.id), fields), 422
    try:
        team.save_decision(
            form,
            fields.decision_number.data or "",
            fields.decision_date.data,
            base_version=fields.base_version.data or 0,
            actor=acting(),
            now=clock.now(),
        )
    except RuleError as refusal:
        mark_refused()
        found = queries.team_of(form.assessment.id)
        return _render(form, found, fields, say(refusal)), refusal.status
    flash(gettext("Đã lưu quyết định thành lập tổ."))
    return redirect(url_for(".team_page", uid=uid))


@bp.route("/<uid>/team/members/new", methods=["GET", "POST"])
@requires("assessments.edit")
def new_member(uid: str) -> ResponseReturnValue:
    """Add a person to the team."""
    form = queries.get_visible_form(acting(), uid, lock=request.method == "POST")
    return _edit_member(form, None)


@bp.route("/<uid>/team/members/<member>", methods=["GET", "POST"])
@requires("assessments.edit")
def member(uid: str, member: str) -> ResponseReturnValue:
    """Change a person of the team."""
    form = queries.get_visible_form(acting(), uid, lock=request.method == "POST")
    return _edit_member(form, queries.find_member(form.assessment.id, member))


def _edit_member(form: Form, row: TeamMember | None) -> ResponseReturnValue:
    colleagues = people.people_of(form.participation.unit_id)
    fields = _member_form(form, row, colleagues)
    if not fields.validate_on_submit():
        return _member_page(form, row, fields), 422 if fields.errors else 200
    account = fields.account.data or ""
    person = team.Person(
        fields.name.data or "",
        fields.position.data or "",
        fields.duty.data or "",
        next((one.user_id for one in colleagues if one.uid == account), None),
        tuple(fields.criteria.data or ()),
    )
    try:
        team.save_member(
            form,
            row,
            person,
            accounts=[one.user_id for one in colleagues],
            base_version=fields.base_version.data or 0,
            actor=acting(),
            now=clock.now(),
        )
    except RuleError as refusal:
        mark_refused()
        return _member_page(form, row, fields, say(refusal)), refusal.status
    return redirect(url_for(".team_page", uid=form.assessment.uid))


def _member_form(form: Form, row: TeamMember | None, colleagues: Sequence[Colleague]) -> TeamMemberForm:
    account = next((one.uid for one in colleagues if row and one.user_id == row.user_id), "")
    fields = TeamMemberForm(obj=row, account=account)
    fields.duty.choices = [(code, gettext(name)) for code, name in team.DUTY_NAMES.items()]
    fields.account.choices = [
        ("", gettext("Không có tài khoản")),
        *((one.uid, one.name) for one in colleagues),
    ]
    fields.criteria.choices = [(one.code, f"{one.code}. {one.name.vi}") for one in cards.open_criteria(form)]
    return fields


def _member_page(form: Form, row: TeamMember | None, fields: TeamMemberForm, problem: str = "") -> str:
    return render_template(
        "assessments/team_member.html",
        form=form,
        row=row,
        fields=fields,
        problem=problem,
        version=queries.team_of(form.assessment.id).version,
        **standing(form),
    )


@bp.post("/<uid>/team/members/<member>/remove")
@requires("assessments.edit")
def remove_member(uid: str, member: str) -> ResponseReturnValue:
    """Take a person off the team."""
    form = queries.get_visible_form(acting(), uid, lock=True)
    row = queries.find_member(form.assessment.id, member)
    base = request.form.get("base_version", "")
    version = int(base) if base.isascii() and base.isdigit() and len(base) < 9 else -1
    team.remove_member(form, row, base_version=version, actor=acting(), now=clock.now())
    return redirect(url_for(".team_page", uid=uid))


@bp.get("/<uid>/deeds")
@requires("assessments.read")
def deeds(uid: str) -> ResponseReturnValue:
    """Who saved which answer and when, the newest first; on the other tab who did what else."""
    form = queries.get_visible_form(acting(), uid)
    if request.args.get("tab") == "acts":
        page = queries.acts_of(form, page_number())
        return render_template("assessments/deeds.html", form=form, acts=page, act_names=queries.FORM_ACTS)
    counts = queries.who_saved(form.assessment.id)
    names = people.names_of(key for key, _ in counts if key)
    asked = request.args.get("person", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in names else None
    return render_template(
        "assessments/deeds.html",
        form=form,
        page=queries.deeds_of(form.assessment.id, page_number(), actor_id=chosen),
        counts=counts,
        names=names,
        chosen=chosen,
        site_names={site["id"]: site["name"] for site in form.participation.sites},
    )


@bp.get("/<uid>/team/<paper>.docx")
@requires("assessments.read")
def team_docx(uid: str, paper: str) -> ResponseReturnValue:
    """One of the team's papers for Word."""
    form = queries.get_visible_form(acting(), uid)
    if paper not in PAPERS:
        raise NotFound()
    key = form.assessment.id
    content = team_paper(paper, form, queries.team_of(key), queries.own_scorecard(form), now=clock.now())
    return attachment(content, DOCX, form, PAPERS[paper], "docx")
