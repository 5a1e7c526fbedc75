"""Many people at once from Excel: the template, the check, then accounts and their codes in one file."""

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.accounts import codes
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.clock import to_local
from survey_app.core.db import begin_write
from survey_app.core.files import file_store
from survey_app.invitations import people_list as lists
from survey_app.invitations.blueprint import bp
from survey_app.invitations.forms import PeopleListForm
from survey_app.invitations.handouts import Handout
from survey_app.invitations.occasion import occasion_of
from survey_app.invitations.people_columns import COLUMNS
from survey_app.invitations.workbook import people_book, people_template
from survey_app.organisations.spreadsheet import Table, read_table
from survey_app.rules.errors import RuleError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLACE = "/accounts/people-list/<digest>.<any(csv, xlsx):ending>"


@bp.get("/accounts/people-list")
@requires("accounts.manage")
def people_list() -> ResponseReturnValue:
    """Where a list of people is handed in."""
    return _show(PeopleListForm())


def _show(form: PeopleListForm, status: int = 200) -> ResponseReturnValue:
    page = render_template("invitations/people_list.html", form=form, columns=COLUMNS, most=lists.MOST)
    return page, status


@bp.get("/accounts/people-list/template.xlsx")
@requires("accounts.manage")
def people_list_template() -> ResponseReturnValue:
    """The workbook to fill in: a row for every role at a commune that nobody holds yet."""
    return _book(people_template(lists.vacant_roles(acting()), now=clock.now()), "mau-danh-sach-can-bo.xlsx")


@bp.post("/accounts/people-list")
@requires("accounts.manage", slow=True)
def upload_people_list() -> ResponseReturnValue:
    """Keep a readable file under its hash and show what it would do."""
    form = PeopleListForm()
    if form.validate_on_submit():
        name, content = str(form.file.data.filename), form.file.data.read()
        try:
            lists.plan_people(read_table(name, content), actor=acting())
        except RuleError as error:
            form.file.errors = [str(error)]
        else:
            digest, _size = file_store().write(content)
            ending = name.rpartition(".")[2].lower()
            return redirect(url_for(".check_people_list", digest=digest, ending=ending))
    return _show(form, 422)


@bp.get(PLACE)
@requires("accounts.manage")
def check_people_list(digest: str, ending: str) -> ResponseReturnValue:
    """Who would be added and which rows are wrong; nothing is written."""
    plan = lists.plan_people(_kept(digest, ending), actor=acting())
    return render_template("invitations/people_check.html", plan=plan, digest=digest, ending=ending)


@bp.post(PLACE)
@requires("accounts.manage", slow=True)
def create_people(digest: str, ending: str) -> ResponseReturnValue:
    """Make the accounts; the codes exist nowhere but in the file that is answered."""
    actor, now, table = acting(), clock.now(), _kept(digest, ending)
    begin_write()
    plan = lists.plan_people(table, actor=actor)
    drawn = [codes.draw() for _ in plan.people]
    lists.create_people(plan, drawn, actor=actor, now=now)
    rows = [
        (person.name, person.role, Handout(person.unit_name, "", person.ward_name, person.login, code))
        for person, code in zip(plan.people, drawn, strict=True)
    ]
    return _book(
        people_book(rows, occasion_of(actor, now)), f"tai-khoan-can-bo-{to_local(now):%Y%m%d-%H%M}.xlsx"
    )


def _kept(digest: str, ending: str) -> Table:
    store = file_store()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef") or not store.exists(digest):
        abort(404)
    return read_table(f"list.{ending}", store.read(digest))


def _book(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(content, mimetype=XLSX, headers=headers)
