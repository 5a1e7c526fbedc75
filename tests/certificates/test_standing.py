"""Revoking and reissuing, and what a certificate is worth on a day."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.certificates import queries, service
from survey_app.certificates.models import ORDERED, Certificate, NumberSeries
from survey_app.certificates.service import Revocation
from survey_app.certificates.standing import Standing, standing_of
from survey_app.jobs.models import Job
from survey_app.notices.models import Notice
from survey_app.results.service import CertificateStands
from survey_app.rounds.service import BadField
from tests.factories.certificates import (
    BASE_URL,
    ISSUED_AT,
    Town,
    a_decision,
    issue_now,
    make_batch,
    make_town,
    thaw,
)

LATER = ISSUED_AT + timedelta(days=30)
REVOKING = {"reason": "Sai hồ sơ", "number": "12/QĐ-SGDĐT", "day": date(2027, 6, 1)}


@pytest.fixture
def town(session: Any) -> Town:
    """A published round with two schools."""
    return make_town(2)


@pytest.fixture
def issued(town: Town) -> list[Certificate]:
    """Two certificates."""
    return issue_now(town, make_batch(town))


def revoke(town: Town, certificate: Certificate, **values: Any) -> Certificate:
    return service.revoke(certificate, Revocation(**(REVOKING | values)), actor=town.admin, now=LATER)


def reissue(town: Town, certificate: Certificate, **values: Any) -> Certificate:
    decision = a_decision(**({"number": "20/QĐ-SGDĐT", "day": date(2027, 6, 2)} | values))
    return service.reissue(certificate, decision, base_url=BASE_URL, actor=town.admin, now=LATER)


def test_the_last_day_still_counts(issued: list[Certificate]) -> None:
    one = issued[0]
    assert standing_of(one, one.valid_until) is Standing.VALID
    assert standing_of(one, one.valid_until + timedelta(days=1)) is Standing.EXPIRED


def test_a_changed_content_is_never_called_valid(issued: list[Certificate]) -> None:
    issued[0].content = issued[0].content.replace("xếp loại Tốt", "xếp loại Tót")
    assert standing_of(issued[0], date(2027, 6, 1)) is Standing.BROKEN


def test_a_revoked_certificate_keeps_its_number_for_good(town: Town, issued: list[Certificate]) -> None:
    revoke(town, issued[0])
    assert standing_of(issued[0], date(2027, 6, 5)) is Standing.REVOKED
    again = issue_now(town, make_batch(town))
    assert [(one.result_id, one.number) for one in again] == [(issued[0].result_id, 3)]
    assert standing_of(issued[0], date(2027, 6, 5)) is Standing.REVOKED


def test_the_school_reads_why(town: Town, issued: list[Certificate], session: Any) -> None:
    revoke(town, issued[0])
    notice = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert notice.unit_id == issued[0].unit_id
    assert "12/QĐ-SGDĐT ngày 01/06/2027" in notice.body and "Sai hồ sơ" in notice.body


def test_only_one_of_two_ends_a_certificate(town: Town, issued: list[Certificate]) -> None:
    revoke(town, issued[0])
    for act in (revoke, reissue):
        with pytest.raises(service.NotStanding):
            act(town, issued[0])
    reissue(town, issued[1])
    with pytest.raises(service.NotStanding):
        revoke(town, issued[1])


def test_revoking_asks_for_reason_and_decision(town: Town, issued: list[Certificate]) -> None:
    with pytest.raises(service.NoReason):
        revoke(town, issued[0], reason="  ")
    with pytest.raises(BadField):
        revoke(town, issued[0], number="")
    with pytest.raises(BadField):
        revoke(town, issued[0], day=date(2027, 1, 1))
    assert standing_of(issued[0], date(2027, 6, 5)) is Standing.VALID


def test_a_reissue_has_a_new_number_the_old_end_and_names_the_old(
    town: Town, issued: list[Certificate], session: Any
) -> None:
    town.parts[0].unit.name = "THCS Mẫu Tên Mới"
    old = next(one for one in issued if one.unit_id == town.parts[0].unit_id)
    new = reissue(town, old)
    content = json.loads(new.content)
    assert (new.number, new.valid_until) == (3, old.valid_until)
    assert content["replaces"] == old.printed_number and content["unit"]["name"] == "THCS Mẫu Tên Mới"
    assert old.superseded_by_id == new.id and new.code != old.code
    assert standing_of(old, date(2027, 6, 5)) is Standing.SUPERSEDED
    assert queries.successor_of(old) is new and queries.predecessor_of(new) is old
    job = session.scalar(select(Job).where(Job.uid == new.batch.job_uid))
    assert job.kind == "certificates.issue"


def test_a_refused_reissue_leaves_the_old_one_and_takes_no_number(
    town: Town, issued: list[Certificate], session: Any
) -> None:
    thaw()
    issued[0].valid_until = date(2027, 5, 20)
    with pytest.raises(service.CannotReissue):
        reissue(town, issued[0])
    assert issued[0].superseded_at is None
    assert session.scalar(select(NumberSeries.last)) == 2


def test_a_reissued_certificate_still_holds_its_result(town: Town, issued: list[Certificate]) -> None:
    from survey_app.results.service import unpublish_result

    new = reissue(town, issued[0])
    with pytest.raises(CertificateStands):
        unpublish_result(new.result, reason="Sai", actor=town.admin, now=LATER)


def test_a_closed_batch_never_issues_to_a_school_that_was_left_out(town: Town, session: Any) -> None:
    """A later job of the batch only draws papers: under its old Decision nobody new is certified."""
    first, second = make_batch(town), make_batch(town)
    issued = issue_now(town, first)
    assert issue_now(town, second) == []
    revoke(town, issued[0])
    assert (
        service.issue_part(second.id, second.result_ids, base_url=BASE_URL, actor=town.admin, now=LATER) == []
    )


def test_a_batch_that_goes_on_does_not_issue_again_what_was_revoked_meanwhile(
    town: Town, session: Any
) -> None:
    batch = make_batch(town)
    batch.state = ORDERED
    session.flush()

    def go_on(result_ids: list[int]) -> list[int]:
        return service.issue_part(batch.id, result_ids, base_url=BASE_URL, actor=town.admin, now=ISSUED_AT)

    first = session.get(Certificate, go_on(batch.result_ids[:1])[0])
    revoke(town, first)
    assert len(go_on(batch.result_ids)) == 1
    assert [one.number for one in queries.certificates_of(batch.id)] == [1, 2]
