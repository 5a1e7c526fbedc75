"""What the school leaves in the database: its answers, some with their history, and the files it shows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from survey_app.core.clock import local_date
from survey_app.core.db import stored_instant
from survey_app.core.vietnamese import fold
from survey_app.demo.answers import MadeAnswer, chance_of
from survey_app.demo.country.case import Case
from survey_app.demo.country.scene import FILES_OF_A_SCHOOL, Person, Picture
from survey_app.demo.country.tables import Rows, as_json, new_uid
from survey_app.demo.pictures import PAPER, SHARE_OF_PAPERS, SHARE_WITH_EVIDENCE, SHOWS, WEEKS_OF_A_ROUND
from survey_app.rules.scoring import why_not_applicable

PACE = timedelta(seconds=20)  # between two answers of a form
# History is kept for one school in eight of the open round: pages read it for one indicator at a time, so
# that its depth matters and not its whole; every answer of the country would double the database.
KEEPS_HISTORY, OF_SCHOOLS = 3, 8
# One school in five shows files, each in one round: most in the open one, a twentieth in each before.
SHOWS_FILES_OPEN, SHOWS_FILES_BEFORE = range(16, 20), 16
OF_SCHOOLS_WITH_FILES = 20
OPEN_FOR = 40  # days a school has for filling in, at most


def answer_rows(rows: Rows, case: Case) -> None:
    """Every answer of a form; the member of the school fills in a part of it."""
    entry, course = case.entry, case.course
    handed_in = course.steps[0].at if course.steps else entry.round.latest
    pace = min(PACE, (handed_in - course.filled) / (len(case.made) + 1))
    begun = course.filled.astimezone(UTC).replace(tzinfo=None)
    history = entry.round.back == 0 and entry.spot.number % OF_SCHOOLS == KEEPS_HISTORY
    first = entry.scene.bases.answer + 1
    first += (case.id - entry.scene.bases.assessment - 1) * entry.scene.most_places
    for place, answer in enumerate(case.made):
        who = entry.spot.member if entry.spot.member and place % 5 == 0 else entry.spot.head
        version = 1
        if history:
            version = _history(rows, case, first + place, answer, who, course.filled + pace * place)
        rows["answer"].append(
            (
                first + place,
                case.id,
                answer.code,
                answer.site_id,
                answer.value,
                answer.comment,
                version,
                (begun + pace * place).isoformat(" ", "microseconds"),  # as `stored_instant`
                who.user_id,
            )
        )


def _history(rows: Rows, case: Case, answer_id: int, answer: MadeAnswer, who: Person, at: datetime) -> int:
    """The changes that led to an answer: most were made once, some thought over; returns the version."""
    versions = case.chance.choices((1, 2, 3), (70, 22, 8))[0]
    values = sorted(case.framework.by_code[answer.code].scale.values)
    said = [(case.chance.choice(values), "") for _ in range(versions - 1)] + [(answer.value, answer.comment)]
    old_value, old_comment = None, ""
    for version, (value, comment) in enumerate(said, start=1):
        key = f"{case.id}:{case.chance.getrandbits(64):016x}"
        then = stored_instant(at - timedelta(minutes=10 * (versions - version)))
        values_and_words = (old_value, value, old_comment, comment)
        rows["answer_change"].append(
            (answer_id, key, version - 1, version, *values_and_words, who.user_id, then)
        )
        old_value, old_comment = value, comment
    return versions


def evidence_rows(rows: Rows, case: Case) -> None:
    """Pictures of the shared album in the school's own store, used where they fit."""
    entry, made = case.entry, {answer.code for answer in case.made}
    if not made or not _shows_files(entry.spot.number, entry.round.back):
        return
    chance = chance_of(entry.scene.seed, "album", case.id)
    number = 0
    for subject, (title, pictures) in entry.scene.album.items():
        if subject == PAPER:
            bare = [code for code in _mandatory(case) if code in made - case.with_evidence]
            codes = [code for code in bare if chance.random() < SHARE_OF_PAPERS]
        else:
            codes = [
                code for code in SHOWS[subject] if code in made and chance.random() < SHARE_WITH_EVIDENCE
            ]
        if codes:
            number += 1
            key = entry.scene.bases.file + entry.spot.number * FILES_OF_A_SCHOOL + number
            _file(rows, case, key, title, chance.choice(_latest(case, pictures)), codes)


def _latest(case: Case, pictures: Sequence[Picture]) -> list[Picture]:
    """Those taken in the weeks before the school filled in; what the camera did not date always fits."""
    day = local_date(case.course.filled)
    since = (day - timedelta(days=WEEKS_OF_A_ROUND + OPEN_FOR)).isoformat()
    return [one for one in pictures if since <= (one.captured_on or since) <= day.isoformat()]


def _shows_files(number: int, back: int) -> bool:
    place = number % OF_SCHOOLS_WITH_FILES
    return (
        place in SHOWS_FILES_OPEN if back == 0 else place == (SHOWS_FILES_BEFORE - back) % SHOWS_FILES_BEFORE
    )


def _mandatory(case: Case) -> list[str]:
    return [
        code
        for code, one in case.framework.by_code.items()
        if one.is_mandatory(case.facts.unit_type) and not why_not_applicable(one, case.facts)
    ]


def _file(rows: Rows, case: Case, key: int, title: str, picture: Picture, codes: list[str]) -> None:
    entry, head = case.entry, case.entry.spot.head
    at = stored_instant(case.course.filled)
    rows["evidence_file"].append(
        (
            key,
            (uid := new_uid(case.chance)),
            entry.spot.unit_id,
            picture.kind,
            title,
            *picture[1:],
            entry.round.school_year,
            fold(f"{title} {picture.file_name}")[:1000],
            head.user_id,
            at,
        )
    )
    new = as_json({"title": title, "kind": picture.kind, "sha256": picture.sha256})
    actor = (at, head.user_id, head.name, head.role, head.unit_id)
    rows["audit_event"].append((*actor, "evidence.add", "EvidenceFile", uid, None, new, "", "", "done"))
    for code in codes:
        case.with_evidence.add(code)
        rows["evidence_use"].append((new_uid(case.chance), case.id, code, key, 1, head.user_id, at))
