"""What went to many and what came from strangers: messages, files of letters, requests; codes and phones."""

from datetime import timedelta

from survey_app.accounts import authenticator, email_links, second_factor
from survey_app.accounts.models import CONFIRM, RESET, User
from survey_app.accounts.passwords import hashing
from survey_app.accounts.sessions import Caller
from survey_app.core.db import session
from survey_app.invitations import service as letters
from survey_app.invitations import unit_requests
from survey_app.invitations.models import LetterBatch
from survey_app.invitations.store import letter_store
from survey_app.invitations.unit_requests import Wish
from survey_app.jobs.service import enqueue
from survey_app.notices import audience, sending
from survey_app.notices.models import Notice
from survey_app.notices.service import mark_read
from tests.factories.certificates import Town
from tests.factories.phones import Phone
from tests.walls.actors import FACTORS, NEWCOMER
from tests.walls.world import CANARIES, NOW, World, later

FAR_HEAD = "head_far"


def make_letters(world: World, town: Town) -> None:
    """Everything of this file but the phones, which must be there before anybody signs in."""
    _messages(world)
    _batches(world)
    _requests(world, town)
    _email_codes(world)


def give_phones(world: World) -> None:
    """The second factor of those who have one, switched on as if a while ago."""
    for name in FACTORS:
        secret = authenticator.draw()
        user = session.get_one(User, world.people[name].user_id)
        sheet = second_factor.switch_on(user, secret, 0, actor=None, caller=Caller(), now=later(-30))
        world.phones[name] = Phone(secret, sheet)
        world.things[f"recovery.{name}"], world.things[f"phone.{name}"] = sheet[0], world.phones[name].code()


def _messages(world: World) -> None:
    """One of each authority, and one that every school has read."""
    for name, author in (
        ("ward", "officer"),
        ("far_ward", "officer_far"),
        ("department", "admin"),
        ("foreign", "admin_far"),
        ("read", "officer_far"),
    ):
        message = sending.send_message(
            f"{len(world.things):032x}",
            audience.OWN_OFFERS[0],
            title=f"Tập huấn {name}",
            body="Mời thầy cô dự.",
            url="",
            actor=world.people[author],
            now=later(-1),
        )
        world.name(f"sent.{name}", message)
    for notice in session.query(Notice).filter_by(message_id=message.id):
        mark_read(notice, actor=world.people[FAR_HEAD], now=NOW)
    world.things["key.fresh"] = "f" * 32


def _batches(world: World) -> None:
    """Files of letters: made, asked for and not made yet, let go; of others and of another department."""
    for name, actor in (
        ("made", "officer"),
        ("asked", "officer"),
        ("gone", "officer"),
        ("far", "officer_far"),
        ("department", "admin"),
        ("foreign", "admin_far"),
    ):
        person = world.people[actor]
        batch = LetterBatch(
            unit_id=person.unit_id,
            requested_by_id=person.user_id,
            form="xlsx",
            schools=1,
            created_at=later(-1),
            expires_at=NOW + timedelta(hours=1),
        )
        world.name(f"letters.{name}", _kept(batch))
        job = enqueue(letters.JOB, {"batch": batch.id}, label="Phiếu", actor=person, now=later(-1))
        batch.job_uid = job.uid
        if name != "asked":
            content = b"PK letters"
            letters.set_made(batch, letter_store().write(content), len(content), now=NOW)
        if name == "gone":
            letters.discard(batch, actor=person, now=NOW)


def _kept(batch: LetterBatch) -> LetterBatch:
    session.add(batch)
    session.flush()
    return batch


def _requests(world: World, town: Town) -> None:
    """Schools that are not on the list: of each ward, of another department, and one that is dealt with."""
    foreign = town.parts[0].unit.parent
    assert foreign is not None
    world.name("unit.foreign_ward", foreign)
    for actor, ward in (("admin", "unit.ward"), ("admin_far", "unit.foreign_ward")):
        world.things[f"ward.{actor}"] = world.things[ward]
    for name, ward in (
        ("near", "unit.ward"),
        ("far", "unit.far_ward"),
        ("foreign", "unit.foreign_ward"),
        ("closed", "unit.ward"),
    ):
        wish = Wish(
            name=f"Mầm non Mới {name}",
            ward_uid=world.things[ward],
            asker="Người Đề Nghị",
            phone=CANARIES["asker"] if name in ("near", "closed") else "0912345678",
        )
        world.name(f"request.{name}", unit_requests.ask(wish, now=later(-1)))
    closed = unit_requests.get_request(world.people["admin"], world.things["request.closed"])
    unit_requests.refuse(closed, "Trường đã có", actor=world.people["admin"], now=NOW)


def _email_codes(world: World) -> None:
    """A letter that proves an address and one that sets a new password, each with an open code."""
    for purpose, actor in ((CONFIRM, FAR_HEAD), (RESET, "head_near")):
        user = session.get_one(User, world.people[actor].user_id)
        user.email = f"{actor}@truong.example"
        user.email_confirmed_at = NOW if purpose == RESET else None
        session.flush()
        draft = email_links.issue(purpose, user.id, now=NOW)
        assert draft is not None
        world.things[f"code.{purpose}"] = draft.code


def draft_phones(world: World) -> None:
    """What the page for a new second factor carries, sealed for everybody's session (after signing in)."""
    secret = authenticator.draw()
    world.things["phone.new"] = Phone(secret).code()
    for actor, person in world.people.items():
        facts = world.things.get(f"session.{actor}")
        if facts and actor != NEWCOMER:
            owner = f"set-up:{person.user_id}:{facts}"
            world.things[f"draft.{actor}"] = hashing().seal(secret, owner)
