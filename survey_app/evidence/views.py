"""Pages of a unit's store of evidence, the upload, and the files themselves."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey_app.accounts.queries import names_of
from survey_app.core import clock
from survey_app.core.access import acting, requires
from survey_app.core.db import begin_write
from survey_app.core.web import page_number, wants_json
from survey_app.evidence import queries, service
from survey_app.evidence.details import BadIssueDate, BadLink, UnknownSite, details_of
from survey_app.evidence.forms import DetailsForm, EditForm, HideForm, LinkForm, UploadForm
from survey_app.evidence.kinds import ACCEPT, IMAGE, KIND_NAMES, PDF
from survey_app.evidence.models import EvidenceFile
from survey_app.evidence.ports import uses
from survey_app.evidence.serving import send_download, send_picture
from survey_app.organisations.models import OrganisationUnit
from survey_app.organisations.queries import all_sites, open_sites, unit_with_place
from survey_app.rules.errors import BadInput, NotFound, RuleError

bp = Blueprint("evidence", __name__, template_folder="templates", url_prefix="/evidence")


@bp.app_context_processor
def words() -> dict[str, Any]:
    """For every page that shows evidence or takes a file."""
    return {"kind_names": KIND_NAMES, "accepted_files": ACCEPT}


# ---- the store ----


@bp.get("")
@requires("evidence.read")
def index() -> ResponseReturnValue:
    """The school's own store; the authority is sent to choose a school."""
    actor = acting()
    if not actor.may("evidence.add"):
        return render_template("evidence/choose.html")
    return _store_page(unit_with_place(actor.unit_id))


@bp.get("/of/<unit_uid>")
@requires("evidence.read")
def of_unit(unit_uid: str) -> ResponseReturnValue:
    """The store of one school."""
    return _store_page(queries.get_unit_in_reach(acting(), unit_uid))


def _store_page(unit: OrganisationUnit) -> ResponseReturnValue:
    actor, today = acting(), clock.local_date(clock.now())
    tab = queries.BEFORE if request.args.get("tab") == queries.BEFORE else queries.THIS_YEAR
    wanted = queries.StoreFilter(tab=tab, text=request.args.get("q", "")[:120])
    page = queries.list_store(actor, unit.id, wanted, page_number(), today=today)
    return render_template(
        "evidence/list.html",
        unit=unit,
        page=page,
        wanted=wanted,
        uses=uses.get().uses_of([file.id for file in page.rows]),
        readable_ids={file.id for file in page.rows if queries.may_read(actor, file)},
        used=queries.used_bytes(unit.id),
        quota=current_app.config["EVIDENCE_QUOTA_MB"] * 1024 * 1024,
        own=actor.unit_id == unit.id,
    )


# ---- adding ----


@bp.get("/new")
@requires("evidence.add")
def new() -> ResponseReturnValue:
    """Where a photograph or a file is handed in."""
    form = UploadForm()
    form.offer_sites(open_sites(acting().unit_id))
    return render_template("evidence/new.html", form=form, **_room(acting().unit_id))


def _room(unit_id: int) -> dict[str, int]:
    """How full the unit's store is, for the page on which a file is chosen."""
    return {"used_bytes": queries.used_bytes(unit_id)}


@bp.post("/new")
@requires("evidence.add", upload=True)
def create() -> ResponseReturnValue:
    """Take a file in: read it, store its bytes, then write its row. Our script asks for JSON."""
    form, actor = UploadForm(), acting()
    form.offer_sites(open_sites(actor.unit_id))
    if not form.validate_on_submit() or form.upload is None:
        return _answer(form, "evidence/new.html", 422, **_room(actor.unit_id))
    try:
        intake = service.receive(
            form.upload.stream,
            form.upload.filename or "",
            most=current_app.config["MAX_UPLOAD_LENGTH"],
            actor=actor,
            now=clock.now(),
        )
        kept = service.keep(replace(intake, captured_on=intake.captured_on or form.camera_day))
        begin_write()
        now = clock.now()
        file = service.add_file(actor.unit_id, kept, form.details(), actor=actor, now=now)
    except RuleError as error:
        return _refuse(form, "file", error, "evidence/new.html", **_room(actor.unit_id))
    return _stored(file, now=now)


@bp.get("/new-link")
@requires("evidence.add")
def new_link() -> ResponseReturnValue:
    """Where a link is handed in."""
    form = LinkForm()
    form.offer_sites(open_sites(acting().unit_id))
    return render_template("evidence/new_link.html", form=form)


@bp.post("/new-link")
@requires("evidence.add")
def create_link() -> ResponseReturnValue:
    """Keep a link; nothing is fetched."""
    form, actor, now = LinkForm(), acting(), clock.now()
    form.offer_sites(open_sites(actor.unit_id))
    if not form.validate_on_submit():
        return _answer(form, "evidence/new_link.html", 422)
    try:
        file = service.add_link(actor.unit_id, form.url.data, form.details(), actor=actor, now=now)
    except RuleError as error:
        return _refuse(form, "url", error, "evidence/new_link.html")
    return _stored(file, now=now)


# Which box a refused detail belongs to; anything else is said of the file or the address itself.
BOXES: dict[type[RuleError], str] = {BadIssueDate: "issued_on", UnknownSite: "site", BadLink: "url"}


def _refuse(
    form: DetailsForm, box: str, error: RuleError, template: str, **context: Any
) -> ResponseReturnValue:
    """The form again with what the rules say, under the box that it is about."""
    form[BOXES.get(type(error), box)].errors = [gettext(error.message) % error.params]
    return _answer(form, template, error.status, **context)


def _answer(form: DetailsForm, template: str, status: int, **context: Any) -> ResponseReturnValue:
    if wants_json():
        return jsonify(error=next(iter(form.errors.values()))[0], code=g.request_id), status
    return render_template(template, form=form, **context), status


def _stored(file: EvidenceFile, *, now: datetime) -> ResponseReturnValue:
    """Say so; bytes that the store had already are offered under their first name."""
    same = file.added_at < now
    if wants_json():
        thumb = url_for(".thumb", uid=file.uid) if file.thumb else None
        url = url_for(".show", uid=file.uid)
        return jsonify(uid=file.uid, title=file.title, thumb=thumb, url=url, same=same), 200 if same else 201
    if same:
        flash(gettext("Tệp này đã có trong kho minh chứng, tên là “%(title)s”.", title=file.title))
    else:
        flash(gettext("Đã thêm vào kho minh chứng: %(title)s.", title=file.title))
    return redirect(url_for(".show" if same else ".index", uid=file.uid if same else None))


# ---- one file ----


@bp.get("/<uid>")
@requires("evidence.read")
def show(uid: str) -> ResponseReturnValue:
    """What is known of one file, its pictures and what it is used for."""
    return _show_page(queries.get_visible_file(acting(), uid), HideForm())


def _show_page(file: EvidenceFile, hide_form: HideForm) -> str:
    actor = acting()
    names = names_of([key for key in (file.added_by_id, file.hidden_by_id) if key])
    return render_template(
        "evidence/show.html",
        file=file,
        unit=file.unit,
        site=next((site.name for site in all_sites(file.unit_id) if site.id == file.site_id), ""),
        names=names,
        uses=uses.get().uses_of([file.id]).get(file.id, ()),
        locked=uses.get().is_locked(file.id),
        readable=queries.may_read(actor, file),
        own=actor.unit_id == file.unit_id,
        choose_url=_choose_url(file),
        hide_form=hide_form,
    )


def _choose_url(file: EvidenceFile) -> str:
    """Where the school itself says what else a file serves, "" for anybody else and a hidden file."""
    actor = acting()
    own = actor.unit_id == file.unit_id and actor.may("evidence.add") and not file.hidden_at
    return uses.get().choose_url(file.uid) if own else ""


@bp.route("/<uid>/edit", methods=["GET", "POST"])
@requires("evidence.add")
def edit(uid: str) -> ResponseReturnValue:
    """Change the details of a file."""
    actor = acting()
    file = queries.get_visible_file(actor, uid)
    form = EditForm(data={**asdict(details_of(file)), "site": file.site_id, "version": file.version})
    form.offer_sites(
        [site for site in all_sites(file.unit_id) if not site.valid_to or site.id == file.site_id]
    )
    if request.method != "POST":  # HEAD comes here as well
        return render_template("evidence/edit.html", form=form, file=file)
    if not form.validate_on_submit():
        return _answer(form, "evidence/edit.html", 422, file=file)
    try:
        service.edit_details(
            file, form.details(), version=form.version.data or 0, actor=actor, now=clock.now()
        )
    except BadInput as error:
        return _refuse(form, "title", error, "evidence/edit.html", file=file)
    flash(gettext("Đã lưu thông tin minh chứng."))
    return redirect(url_for(".show", uid=uid))


@bp.get("/<uid>/delete")
@requires("evidence.add")
def confirm_delete(uid: str) -> ResponseReturnValue:
    """Ask before a file is deleted, saying what it is used for."""
    file = queries.get_visible_file(acting(), uid)
    used = uses.get().uses_of([file.id]).get(file.id, ())
    return render_template("evidence/delete.html", file=file, uses=used, locked=uses.get().is_locked(file.id))


@bp.post("/<uid>/delete")
@requires("evidence.add")
def delete(uid: str) -> ResponseReturnValue:
    """Take a file out of the store."""
    file = queries.get_visible_file(acting(), uid)
    service.delete(file, actor=acting(), now=clock.now())
    flash(gettext("Đã xóa minh chứng: %(title)s.", title=file.title))
    return redirect(url_for(".index"))


@bp.post("/<uid>/hide")
@requires("evidence.hide")
def hide(uid: str) -> ResponseReturnValue:
    """The authority takes a file out of sight and says why."""
    file, form = queries.get_visible_file(acting(), uid), HideForm()
    if not form.validate_on_submit():
        return _show_page(file, form), 422
    address = url_for(".show", uid=uid)
    service.hide(file, form.reason.data, url=address, actor=acting(), now=clock.now())
    flash(gettext("Đã ẩn. Trường đã được báo kèm lý do."))
    return redirect(address)


@bp.post("/<uid>/unhide")
@requires("evidence.hide")
def unhide(uid: str) -> ResponseReturnValue:
    """The authority shows a hidden file again."""
    service.unhide(queries.get_visible_file(acting(), uid), actor=acting(), now=clock.now())
    flash(gettext("Đã cho hiện lại."))
    return redirect(url_for(".show", uid=uid))


# ---- the bytes ----


@bp.get("/<uid>/p/<int:page>")
@requires("evidence.read")
def picture(uid: str, page: int) -> ResponseReturnValue:
    """The picture of a photograph (page 1) or of a page of a PDF."""
    file = queries.get_readable_file(acting(), uid)
    pictures = file.pages if file.kind == PDF else [file.sha256] if file.kind == IMAGE else []
    if not 1 <= page <= len(pictures):
        raise NotFound()
    return send_picture(pictures[page - 1])


@bp.get("/<uid>/thumb")
@requires("evidence.read")
def thumb(uid: str) -> ResponseReturnValue:
    """The small picture of a photograph or of a PDF's first page."""
    return send_picture(queries.get_readable_file(acting(), uid).thumb)


@bp.get("/<uid>/download")
@requires("evidence.read")
def download(uid: str) -> ResponseReturnValue:
    """The file itself, always as an attachment."""
    file = queries.get_readable_file(acting(), uid)
    return send_download(file.sha256, file.media_type, file.file_name)
