"""Units and their people: find a unit, see who works there, add somebody."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts import codes, queries, scope, service
from survey_app.accounts.forms import PersonForm
from survey_app.accounts.handing_over import HEADS
from survey_app.accounts.views.blueprint import STATE_NAMES, bp
from survey_app.core import clock
from survey_app.core.access import Actor, acting, requires
from survey_app.core.web import page_number
from survey_app.organisations import queries as organisations
from survey_app.organisations.models import SCHOOL, OrganisationUnit
from survey_app.rules.errors import NotAllowed, NotFound, RuleError
from survey_app.rules.permissions import GRANTABLE, Role

# Beside which field a refusal of the service stands; the role is to blame for the rest.
ERROR_PLACES: dict[type[RuleError], str] = {
    service.EmailTaken: "email",
    service.LoginTaken: "login",
    service.BadLogin: "login",
}


def unit_filter() -> scope.UnitFilter:
    """What the address says a list of units is narrowed to; rubbish narrows nothing."""
    args = request.values
    return scope.UnitFilter(
        text=args.get("q", "")[:120],
        kind=args["kind"] if args.get("kind") in scope.KINDS else SCHOOL,
        ward_uid=args.get("ward", "")[:32],
        state=args["state"] if args.get("state") in STATE_NAMES else "",
    )


@bp.get("/accounts/units")
@requires("accounts.manage")
def units() -> ResponseReturnValue:
    """The units the actor looks after, and whether their heads can sign in."""
    actor, wanted = acting(), unit_filter()
    if actor.unit_kind == SCHOOL:
        return redirect(url_for(".unit_people", uid=organisations.get_unit(actor.unit_id).uid))
    return render_template(
        "accounts/units.html",
        page=scope.list_units(actor, wanted, page_number()),
        wanted=wanted,
        wards=organisations.list_wards(actor),
        may_hand_out=Role.UNIT_HEAD in GRANTABLE[actor.role],
    )


@bp.get("/accounts/units/<uid>")
@requires("accounts.manage")
def unit_people(uid: str) -> ResponseReturnValue:
    """Who works at a unit, and who can be added."""
    unit = scope.get_unit(acting(), uid)
    first = unit.kind == SCHOOL and queries.head_membership(unit.id) is None
    return _show(unit, PersonForm(login=unit.code if first else ""))


def _show(unit: OrganisationUnit, form: PersonForm, status: int = 200) -> ResponseReturnValue:
    actor = acting()
    people = queries.people_of(unit.id, locked=True)
    has_head = any(person.role is Role.UNIT_HEAD for person in people)
    roles = [role for role in service.ROLES_AT[unit.kind] if role in GRANTABLE[actor.role]]
    form.offer([role for role in roles if not (has_head and role is Role.UNIT_HEAD)])
    return render_template(
        "accounts/unit.html",
        unit=unit,
        people=people,
        form=form,
        handed_over=[person.membership_id for person in people if _may_hand_over(actor, person)],
    ), status


@bp.get("/accounts/units/<uid>/people")
@requires("accounts.manage")
def after_person(uid: str) -> ResponseReturnValue:
    """The address of a new person's code opened again: the code is gone, the people are here."""
    flash(gettext("Mã kích hoạt chỉ hiện một lần. Cần mã khác thì mở tên người đó để cấp lại."), "warning")
    return redirect(url_for(".unit_people", uid=uid))


def _may_hand_over(actor: Actor, person: queries.Person) -> bool:
    """As `handing_over.may_hand_over`, for a unit that is the actor's to manage."""
    if person.membership_id == actor.membership_id:
        return person.role in HEADS
    return person.role in GRANTABLE[actor.role]


@bp.post("/accounts/units/<uid>/people")
@requires("accounts.manage")
def add_person(uid: str) -> ResponseReturnValue:
    """A new account with one role at this unit; its activation code is in this answer and nowhere later."""
    actor, now, form = acting(), clock.now(), PersonForm()
    unit = scope.get_unit(actor, uid)
    form.offer(list(Role))  # a role above the actor's own is refused by the service: 403, and noted
    if not form.validate_on_submit():
        return _show(unit, form, 422)
    try:
        user = service.create_user(
            form.login.data,
            form.name.data,
            email=form.email.data or None,
            phone=form.phone.data or "",
            of_unit=unit,
            actor=actor,
            now=now,
        )
        position = form.position.data or ""
        service.add_membership(user, unit, Role(form.role.data), position=position, actor=actor, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleError as error:
        field = form[ERROR_PLACES.get(type(error), "role")]
        field.errors = [gettext(error.message)]
        return _show(unit, form, 422)
    code = codes.draw()
    row = codes.issue(user, code, actor=actor, now=now)
    return render_template("accounts/code.html", user=user, code=code, expires_at=row.expires_at)
