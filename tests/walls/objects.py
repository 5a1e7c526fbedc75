"""One object of every kind in every state that matters, on the land of `world`."""

from datetime import date
from typing import Any

from survey_app.accounts import codes
from survey_app.accounts.models import User
from survey_app.assessments import attaching
from survey_app.assessments import service as assessments
from survey_app.assessments.models import Answer, Assessment
from survey_app.assessments.queries import form_of
from survey_app.certificates import service as certificates
from survey_app.certificates.models import Certificate, CertificateBatch
from survey_app.certificates.queries import eligible
from survey_app.certificates.service import Revocation, keep_bundle, keep_pdf
from survey_app.core.db import session
from survey_app.core.files import file_store
from survey_app.evidence.models import EvidenceFile
from survey_app.exports import service as exports
from survey_app.exports.kinds import Kind
from survey_app.exports.store import export_store
from survey_app.frameworks.models import FrameworkVersion
from survey_app.plans import service as plans
from survey_app.plans.items import ItemValues
from survey_app.results.queries import OverviewFilter
from survey_app.reviews.models import VerifiedScore
from survey_app.rounds.models import PLANNED, PUBLISHED, Round
from survey_app.rounds.service import VetoFacts, record_veto
from survey_app.rules.framework import Named, VetoKind, Words
from survey_app.rules.workflow import State
from tests.factories.assessments import all_at, make_assessment, make_submitted
from tests.factories.certificates import Town, a_decision, certified_framework, issue_now, make_batch
from tests.factories.evidence import make_file, make_pdf_file
from tests.factories.notices import make_notice
from tests.factories.results import make_checked, publish_all, result_of
from tests.factories.reviews import make_review, make_verified
from tests.factories.rounds import make_framework_version, make_participation, make_round
from tests.walls.letters import make_letters
from tests.walls.uploads import PEOPLE, SCHOOLS, criteria_book
from tests.walls.world import CANARIES, NOW, World, later

PAPER = b"%PDF-1.4 walls"
HELD = (State.IN_REVIEW, State.ON_HOLD, State.RETURNED, State.RESUBMITTED, State.PROPOSED)


def make_objects(world: World, town: Town) -> None:
    """Everything the table names, in the order in which one thing needs another."""
    version = _frameworks(world)
    _forms(world, version)
    _rounds(world, version)
    _published(world, version)
    _foreign(world, town)
    _around_a_form(world)
    _files(world)
    _papers(world)
    _messages(world)
    make_letters(world, town)
    _lists(world)


def _frameworks(world: World) -> FrameworkVersion:
    stages = (Named("thcs", Words("THCS")), Named("thpt", Words("THPT")))
    more = {
        "stages": stages,
        "veto_kinds": (VetoKind("V1", Words("Ngộ độc thực phẩm tập thể.")),),
        "veto_answers": (Named("xac_nhan", Words("Đã đọc.")),),
    }
    version = make_framework_version(certified_framework(**more))
    draft = make_framework_version(certified_framework(code="nhap", status="draft", version="0.1"))
    for name, row in (("published", version), ("draft", draft)):
        world.things[f"set.{name}"] = row.framework.code
        world.things[f"#set.{name}"] = str(row.id)
    return version


def _forms(world: World, version: FrameworkVersion) -> None:
    """A round for each state: A's form and K's stand in it, with the officers who have them."""
    for state in State:
        if state in (State.PUBLISHED,):
            continue
        round_ = world.name(f"round.{state}", make_round(world.unit("department"), [version]))
        for unit, officer in (("a", "officer"), ("k", "assigned")):
            part = make_participation(round_, world.unit(unit))
            prefix = "" if unit == "a" else "k_"
            world.name(f"part.{prefix}{state}", part)
            form = _form(part, version, state)
            world.name(f"form.{prefix}{state}", form)
            if state in HELD:
                make_review(form, world.people[officer])


def _form(part: Any, version: FrameworkVersion, state: State) -> Assessment:
    values = all_at(version, 2)
    if state is State.DRAFT:
        seen = {"veto_answer": "xac_nhan", "veto_confirmed_at": later(-5)}
        return make_assessment(part, values, **seen)
    if state in (State.PROPOSED, State.APPROVED):
        form = make_checked(part, values, state=state)
    else:
        form = make_submitted(part, values, state=state)
    if state is State.IN_REVIEW:
        make_verified(form, values)
        if part.reviewing_unit.kind == "department":  # K's has one to give back
            row = session.query(VerifiedScore).filter_by(assessment_id=form.id, indicator="AT1.2").one()
            row.to_return, row.return_reason = True, "Thiếu ảnh chụp"
            session.flush()
    return form


def _rounds(world: World, version: FrameworkVersion) -> None:
    """A planned round, and an ended one in which A never handed in."""
    department = world.unit("department")
    plan: dict[str, Any] = {"state": PLANNED, "opened_at": None}
    planned = world.name("round.planned", make_round(department, [version], **plan))
    planned.choice = {"stages": ["thcs", "thpt"], "ward_ids": [], "unit_types": [], "excluded": []}
    ended = make_round(department, [version], state=PUBLISHED, published_at=later(-1))
    world.name("round.ended", ended)
    part = world.name("part.ended", make_participation(ended, world.unit("a")))
    world.name("form.ended", _form(part, version, State.DRAFT))


def _published(world: World, version: FrameworkVersion) -> None:
    """An open round with two results and a neighbour's draft, and an older one that is over."""
    department, form = world.unit("department"), None
    for name, schools in (("old", ("a",)), ("published", ("a", "k", "b"))):
        round_ = world.name(f"round.{name}", make_round(department, [version]))
        for unit in schools:
            part = make_participation(round_, world.unit(unit))
            if unit == "b":
                world.name("part.near", part)
                world.name("form.near", _form(part, version, State.DRAFT))
                continue
            prefix = "k_" if unit == "k" else ""
            form = world.name(f"form.{prefix}{name}", make_checked(part, all_at(version, 3)))
            world.name(f"part.{prefix}{name}", part)
            make_review(form, world.people["officer" if unit == "a" else "assigned"])
        publish_all(round_)
        session.refresh(round_)
    certificates.ensure_issuer(department, since=date(2026, 9, 1), now=later(-5))


def _foreign(world: World, town: Town) -> None:
    """The other department's: a published round with one certificate, ordered, and a batch being prepared."""
    part = town.parts[0]
    form = session.query(Assessment).filter_by(participation_id=part.id).one()
    world.name("round.foreign", town.round)
    world.name("part.foreign", part)
    world.name("form.foreign", form)
    batch = world.name("batch.foreign", make_batch(town))
    world.name("cert.foreign", issue_now(town, batch)[0])


def _around_a_form(world: World) -> None:
    """A comment, a return, a plan, a recorded fact."""
    draft = int(world.things["#form.draft"])
    answers = session.query(Answer).filter_by(indicator="AT1.1").all()
    own = {int(key) for name, key in world.things.items() if name.startswith("#form.") and "k_" not in name}
    for answer in answers:
        if answer.assessment_id in own - {
            int(world.things["#form.near"]),
            int(world.things["#form.foreign"]),
        }:
            answer.comment = CANARIES["comment"]
    for name in ("returned", "k_returned"):
        row = session.get_one(Assessment, int(world.things[f"#form.{name}"]))
        row.state = State.IN_REVIEW
        session.flush()
        officer = world.people["officer" if name == "returned" else "assigned"]
        assessments.return_assessment(
            form_of(row.id),
            {"AT1.1": "Thiếu ảnh"},
            deadline=later(3),
            message="",
            actor=officer,
            now=later(-1),
        )
    for name in ("draft", "published"):
        form = form_of(int(world.things[f"#form.{name}"]))
        values = ItemValues("AT1.2", CANARIES["plan"], person="Người canari")
        item = plans.add_item(form, values, actor=world.people["head"], now=later(-1))
        world.name(f"item.{name}", item)
    foreign = form_of(int(world.things["#form.foreign"]))
    session.flush()
    _record_vetoes(world, draft)
    assert foreign.assessment.state == State.PUBLISHED


def _record_vetoes(world: World, draft: int) -> None:
    for name, actor in (("submitted", "leader"), ("k_submitted", "director")):
        form = form_of(int(world.things[f"#form.{name}"]))
        facts = VetoFacts(
            form.assessment.framework_version_id,
            *("V1", date(2027, 1, 5), "Bếp ăn", "12/KL", date(2027, 2, 1), "Sở Y tế"),
        )
        event = record_veto(form.participation, facts, actor=world.people[actor], now=later(-1))
        world.name(f"veto.{name}", event)


def _files(world: World) -> None:
    """A free file, one in a draft, one in a form that was handed in, a hidden one, a PDF; one of K and B."""
    head = world.people["head"]
    for name in ("free", "used", "locked", "hidden"):
        hidden = {"hidden_at": later(-1), "hidden_reason": "Có mặt học sinh"} if name == "hidden" else {}
        world.name(f"file.{name}", make_file(head, f"{CANARIES['file']} {name}", **hidden))
    world.name("file.pdf", make_pdf_file(head))
    world.name("file.near", make_file(world.people["head_near"]))
    form = form_of(int(world.things["#form.draft"]))
    used = _file(world, "used")
    world.name("use.draft", attaching.attach_evidence(form, "AT1.2", used, actor=head, now=later(-1)))
    handed_in = session.get_one(Assessment, int(world.things["#form.submitted"]))
    handed_in.state = State.DRAFT
    session.flush()
    attaching.attach_evidence(
        form_of(handed_in.id), "AT1.2", _file(world, "locked"), actor=head, now=later(-1)
    )
    handed_in.state = State.SUBMITTED
    session.flush()


def _file(world: World, name: str) -> Any:
    return session.get_one(EvidenceFile, int(world.things[f"#file.{name}"]))


def _papers(world: World) -> None:
    """Certificates that hold and that are revoked, batches prepared and issued, with stored papers."""
    admin, department = world.people["admin"], world.unit("department")
    digest = file_store().write(PAPER)[0]
    for name, thing in (("old", "revoked"), ("published", "valid")):
        round_ = session.get_one(Round, int(world.things[f"#round.{name}"]))
        of_a = result_of(session.get_one(Assessment, int(world.things[f"#form.{name}"])))
        town = Town(department.id, round_.id, round_.uid, admin)
        batch = certificates.prepare_batch(round_, [of_a.id], allow_draft=False, actor=admin, now=later(-2))
        certificates.set_decision(batch, a_decision(), actor=admin, now=later(-2))
        world.name(f"batch.{thing}", batch)
        certificate = world.name(f"cert.{thing}", issue_now(town, batch)[0])
        keep_pdf(certificate.id, digest)
        keep_bundle(batch.id, digest)
        world.things[f"code.{thing}"] = certificate.code
        world.things[f"number.{thing}"] = certificate.printed_number
    revocation = Revocation("Khai sai", "400/QĐ", date(2027, 5, 14))
    revoked = session.get_one(Certificate, int(world.things["#cert.revoked"]))
    certificates.revoke(revoked, revocation, actor=admin, now=later(-1))
    _prepared_batches(world, round_)


def _prepared_batches(world: World, round_: Round) -> None:
    admin = world.people["admin"]
    ids = [one.result_id for one in eligible(round_.id, allow_draft=False)]
    world.things["#result.free"] = str(ids[0])
    batch: CertificateBatch = certificates.prepare_batch(
        round_, ids, allow_draft=False, actor=admin, now=later(-1)
    )
    certificates.set_decision(batch, a_decision(number="346/QĐ"), actor=admin, now=later(-1))
    world.name("batch.prepared", batch)
    session.flush()


def _lists(world: World) -> None:
    """Lists that were handed in and lie in the store under their hash."""
    for name, content in (("people", PEOPLE), ("schools", SCHOOLS), ("set", criteria_book())):
        world.things[f"list.{name}"] = file_store().write(content)[0]
    world.things["code.unit"] = world.unit("a").code
    world.things["kind.veto"] = f"{world.things['#set.published']}:V1"


def _messages(world: World) -> None:
    """Notices, made workbooks with their jobs, codes, sessions."""
    for unit in ("a", "ward", "department", "far_department"):
        world.name(f"notice.{unit}", make_notice(world.unit(unit)))
    sent = make_notice(world.unit("c"), sender_id=world.unit("far_ward").id)
    world.name("notice.sent", sent)
    for actor, name in (("officer", "ward"), ("admin", "department"), ("admin_far", "foreign")):
        round_ = session.get_one(
            Round, int(world.things["#round.foreign" if name == "foreign" else "#round.submitted"])
        )
        file = exports.request_export(
            round_, Kind.SCHOOLS, OverviewFilter(), coded=False, actor=world.people[actor], now=later(-1)
        )
        world.name(f"export.{name}", file)
        world.things[f"job.{name}"] = file.job_uid
        digest, size = export_store().write(b"PK walls")
        exports.set_made(file, digest, size, now=later(-1))
    world.things["code.open"] = codes.draw()
    codes.issue(
        session.get_one(User, world.people["head_near"].user_id),
        world.things["code.open"],
        actor=None,
        now=NOW,
    )
