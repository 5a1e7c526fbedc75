"""Issuing: a Decision first, numbers without a gap, contents frozen and hashed, nothing twice."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from survey_app.certificates import queries, service
from survey_app.certificates.models import ORDERED, Certificate, CertificateBatch, NumberSeries
from survey_app.certificates.numbering import ALPHABET, CODE_LENGTH, new_code
from survey_app.core.audit import AuditEvent
from survey_app.notices.models import Notice
from survey_app.results.models import Result
from survey_app.results.service import CertificateStands, unpublish_result
from survey_app.rounds.service import BadField
from survey_app.rules.canonical import canonical_json, sha256_of
from tests.factories.certificates import (
    BASE_URL,
    DECIDED,
    ISSUED_AT,
    a_decision,
    issue_now,
    make_batch,
    make_town,
    thaw,
)


def test_only_published_results_with_a_title_and_without_a_certificate_are_eligible(session: Any) -> None:
    town = make_town(3, failing=1)
    assert len(queries.eligible(town.round.id, allow_draft=False)) == 3
    issue_now(town, make_batch(town))
    assert queries.eligible(town.round.id, allow_draft=False) == []


def test_a_near_miss_says_what_is_missing(session: Any) -> None:
    town = make_town(1, failing=1)
    near = queries.nearly_eligible(town.round.id)
    assert [one.unit_name for one in near] == [town.parts[1].unit_name]
    assert {str(term.kind) for term in near[0].missing} == {"met_share", "all_mandatory"}
    assert near[0].mandatory == ("AT1.1",)


def test_near_misses_take_the_same_statements_for_one_or_many(session: Any, count_queries: Any) -> None:
    counts = []
    for failing in (1, 5):
        town = make_town(1, failing=failing)
        with count_queries() as seen:
            assert len(queries.nearly_eligible(town.round.id)) == failing
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 3, counts


def test_numbers_begin_at_one_and_follow_the_vietnamese_order_of_the_schools(session: Any) -> None:
    town = make_town(3)
    issued = issue_now(town, make_batch(town))
    assert [one.printed_number for one in issued] == [f"000{n}/GCN-SGDĐT" for n in (1, 2, 3)]
    names = [queries.name_on(one) for one in issued]
    assert names == [one.unit_name for one in sorted(town.parts, key=lambda part: part.sort_key)]


def test_the_content_says_everything_and_is_hashed(session: Any) -> None:
    town = make_town(1)
    (one,) = issue_now(town, make_batch(town))
    content = json.loads(one.content)
    assert one.content == canonical_json(content) and one.sha256 == sha256_of(one.content)
    assert content["unit"] == {
        "name": town.parts[0].unit_name,
        "ward": "Phường Ô Môn",
        "province": "thành phố Cần Thơ",
    }
    assert content["decision"] == {"number": "345/QĐ-SGDĐT", "date": "2027-05-10"}
    assert content["level"]["vi"] == "Đạt, xếp loại Tốt" and content["award"]["vi"] == "Danh hiệu thử"
    assert content["issued_on"] == "2027-05-10" and content["valid_until"] == "2029-05-10"
    assert content["disclaimer"]["vi"].startswith("Không thay thế kết quả công nhận trường học an toàn")
    assert content["url"] == f"{BASE_URL}/tra-cuu/{one.code}" and len(one.code) == 26
    result = session.get(Result, one.result_id)
    assert content["result"] == {"uid": result.uid, "sha256": result.sha256}
    assert result.sha256 == sha256_of(canonical_json(result.content))
    assert content["trial"] is False and content["framework"]["status"] == "published"


def test_nothing_is_issued_without_number_and_day_of_a_decision(session: Any) -> None:
    town = make_town(1)
    ids = [one.result_id for one in queries.eligible(town.round.id, allow_draft=False)]
    batch = service.prepare_batch(town.round, ids, allow_draft=False, actor=town.admin, now=ISSUED_AT)
    with pytest.raises(BadField):
        service.issue_certificates(batch, actor=town.admin, now=ISSUED_AT)
    assert service.issue_part(batch.id, ids, base_url=BASE_URL, actor=town.admin, now=ISSUED_AT) == []


def test_the_database_itself_refuses_an_order_without_decision(session: Any) -> None:
    town = make_town(1)
    ids = [one.result_id for one in queries.eligible(town.round.id, allow_draft=False)]
    batch = service.prepare_batch(town.round, ids, allow_draft=False, actor=town.admin, now=ISSUED_AT)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(CertificateBatch).where(CertificateBatch.id == batch.id).values(state=ORDERED))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"number": "  "}, "decision_number"),
        ({"signer_title": ""}, "signer_title"),
        ({"day": date(2027, 12, 1)}, "decision_date"),
        ({"day": date(2026, 5, 10)}, "decision_date"),
    ],
)
def test_a_decision_that_cannot_be_right_is_refused(session: Any, values: dict[str, Any], field: str) -> None:
    town = make_town(1)
    batch = make_batch(town)
    with pytest.raises(BadField) as refused:
        service.set_decision(batch, a_decision(**values), actor=town.admin, now=ISSUED_AT)
    assert refused.value.field == field


def test_a_batch_is_ordered_once(app: Flask, session: Any) -> None:
    town = make_town(1)
    batch = make_batch(town)
    service.issue_certificates(batch, actor=town.admin, now=ISSUED_AT)
    with pytest.raises(service.BatchMoved):
        service.issue_certificates(batch, actor=town.admin, now=ISSUED_AT)
    with pytest.raises(service.BatchMoved):
        service.set_decision(batch, a_decision(), actor=town.admin, now=ISSUED_AT)
    with pytest.raises(service.BatchMoved):
        service.discard_batch(batch, actor=town.admin, now=ISSUED_AT)


def test_a_draft_set_issues_nothing_outside_the_demo_and_a_trial_inside(session: Any) -> None:
    town = make_town(2, draft=True)
    assert queries.eligible(town.round.id, allow_draft=False) == []
    assert queries.count_drafts(town.round.id) == 2
    ids = [one.result_id for one in queries.eligible(town.round.id, allow_draft=True)]
    with pytest.raises(service.NoLongerEligible):
        service.prepare_batch(town.round, ids, allow_draft=False, actor=town.admin, now=ISSUED_AT)
    issued = issue_now(town, make_batch(town, allow_draft=True))
    assert [json.loads(one.content)["trial"] for one in issued] == [True, True]


def test_issuing_again_changes_nothing(session: Any) -> None:
    town = make_town(3)
    batch = make_batch(town)
    first = [(one.code, one.printed_number, one.sha256) for one in issue_now(town, batch)]
    batch.state = ORDERED
    session.flush()
    assert (
        service.issue_part(batch.id, batch.result_ids, base_url=BASE_URL, actor=town.admin, now=ISSUED_AT)
        == []
    )
    again = queries.certificates_of(batch.id)
    assert [(one.code, one.printed_number, one.sha256) for one in again] == first
    assert session.scalar(select(NumberSeries.last)) == 3


def test_a_second_batch_of_the_same_schools_issues_nothing_and_leaves_no_gap(session: Any) -> None:
    town = make_town(3)
    first, second = make_batch(town), make_batch(town)
    issue_now(town, first)
    assert issue_now(town, second) == []
    assert session.scalar(select(NumberSeries.last)) == 3
    assert len(queries.left_out(second, set())) == 3


def test_a_refused_part_takes_no_number(session: Any) -> None:
    town = make_town(2)
    batch = make_batch(town)
    with pytest.raises(ZeroDivisionError), session.begin_nested():
        issue_now(town, batch)
        raise ZeroDivisionError
    issued = issue_now(town, batch)
    assert [one.number for one in issued] == [1, 2]


def test_the_numbers_of_a_year_begin_anew_and_another_width_goes_on_counting(session: Any) -> None:
    town = make_town(1)
    service.lock_series("7:#/GCN", 2027)
    assert [service.take_numbers("7:#/GCN", 2027, 2), service.take_numbers("7:#/GCN", 2027, 1)] == [1, 3]
    service.lock_series("7:#/GCN", 2028)
    assert service.take_numbers("7:#/GCN", 2028, 1) == 1
    assert town.round.id


def test_a_form_has_one_standing_certificate_whatever_the_program_does(session: Any) -> None:
    town = make_town(1)
    (one,) = issue_now(town, make_batch(town))
    columns = {
        column.name: getattr(one, column.name)
        for column in Certificate.__table__.columns
        if column.name not in ("id", "uid", "code", "number", "batch_id")
    }
    other = make_batch_row(town, session)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(Certificate(**columns, code="A" * 26, number=99, batch_id=other.id))
        session.flush()


def make_batch_row(town: Any, session: Any) -> CertificateBatch:
    row = CertificateBatch(
        round_id=town.round.id, result_ids=[], created_by_id=town.admin.user_id, created_at=ISSUED_AT
    )
    session.add(row)
    session.flush()
    return row


def test_the_school_is_told_and_the_trail_names_the_number(session: Any) -> None:
    town = make_town(1)
    (one,) = issue_now(town, make_batch(town))
    notice = session.scalar(select(Notice).where(Notice.kind == "certificate"))
    assert notice.unit_id == one.unit_id and "0001/GCN-SGDĐT" in notice.title
    event = session.scalar(select(AuditEvent).where(AuditEvent.action == "certificate.issue"))
    assert event.new == {"number": "0001/GCN-SGDĐT", "sha256": one.sha256}


def test_a_result_with_a_certificate_cannot_be_withdrawn_from_publication(session: Any) -> None:
    town = make_town(1)
    (one,) = issue_now(town, make_batch(town))
    with pytest.raises(CertificateStands):
        unpublish_result(one.result, reason="Sai sót", actor=town.admin, now=ISSUED_AT)
    revocation = service.Revocation("Sai sót", "12/QĐ-SGDĐT", DECIDED + timedelta(days=5))
    later = ISSUED_AT + timedelta(days=9)
    thaw()
    one.issued_at = ISSUED_AT - timedelta(days=4)
    service.revoke(one, revocation, actor=town.admin, now=later)
    unpublish_result(one.result, reason="Sai sót", actor=town.admin, now=later)
    assert queries.eligible(town.round.id, allow_draft=False) == []


def test_codes_show_no_pattern(session: Any) -> None:
    codes = {new_code() for _ in range(3_200)}
    assert len(codes) == 3_200
    for place in range(CODE_LENGTH):
        counted = Counter(code[place] for code in codes)
        assert set(counted) == set(ALPHABET)
        assert (
            max(counted.values()) < 160 and min(counted.values()) > 50
        )  # 100 each when nothing is guessable


def test_reading_what_a_part_needs_takes_few_statements(session: Any, count_queries: Any) -> None:
    town = make_town(12)
    batch = make_batch(town)
    batch.state = ORDERED
    session.flush()
    with count_queries() as seen:
        service.issue_part(batch.id, batch.result_ids, base_url=BASE_URL, actor=town.admin, now=ISSUED_AT)
    reads = [text for text in seen.statements if text.startswith("SELECT")]
    assert len(reads) <= 12, reads
    assert session.scalar(select(func.count(Certificate.id))) == 12
