"""Rows as they are poured: which columns of which table, in an order in which every parent comes first."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from survey_app.core.db import Base, Stored, pour

Row = tuple[Stored, ...]
Rows = dict[str, list[Row]]  # by table

_COLUMNS = {
    "organisation_unit": (
        "id code kind unit_type name parent_id managing_authority_id address ownership search_text sort_key "
        "valid_from contact_phone uid"
    ),
    "unit_stage": "unit_id stage",
    "site": "id unit_id code name is_main address valid_from",
    "user_account": (
        "id uid login name phone password fs_uniquifier created_at password_changed_at search_text sort_key"
    ),
    "membership": "user_id unit_id role position starts_at",
    "participation": (
        "id uid round_id unit_id ward_id reviewing_unit_id unit_code unit_name ward_name unit_type area_type "
        "ownership stages sites search_text sort_key"
    ),
    "school_profile": "participation_id facts version updated_at updated_by_id",
    "veto_event": (
        "uid participation_id framework_version_id code event_date place document_number document_date "
        "concluding_authority recorded_by_id recorded_at"
    ),
    "assessment": (
        "id uid participation_id round_id framework_version_id state state_since answered applicable met "
        "mandatory mandatory_met evidence_needed evidence_had receipt_number submitted_at submitted_by_id "
        "signatory veto_answer veto_confirmed_at"
    ),
    "answer": "id assessment_id indicator site_id value comment version updated_at updated_by_id",
    "answer_change": (
        "answer_id key base_version version old_value new_value old_comment new_comment actor_id at"
    ),
    "evidence_file": (
        "id uid unit_id kind title file_name media_type size stored_bytes sha256 source_sha256 thumb pages "
        "captured_on school_year search_text added_by_id added_at"
    ),
    "evidence_use": "uid assessment_id indicator evidence_id number added_by_id added_at",
    "review": (
        "assessment_id officer_id started_at conclusion hold_reason proposed_at approved_at approved_by_id"
    ),
    "verified_score": (
        "assessment_id indicator value reason earlier_value earlier_reason version updated_at updated_by_id"
    ),
    "assessment_return": "id assessment_id deadline message returned_at returned_by_id answered_at",
    "returned_indicator": "return_id indicator reason settled_at",
    "assessment_event": "assessment_id action from_state to_state actor_id actor_name unit_name note at",
    "result": (
        "uid assessment_id round_id number level award met applicable mandatory_met mandatory quality_micro "
        "content own sha256 finalised_at finalised_by_id"
    ),
    "notice": "uid unit_id kind title body url sender_id created_at",
    "audit_event": (
        "at actor_id actor_name role unit_id action subject_type subject_id old new address request_id "
        "outcome"
    ),
}
COLUMNS: Mapping[str, Sequence[str]] = {table: names.split() for table, names in _COLUMNS.items()}
# Tables whose rows bring keys of their own.
NUMBERED = tuple(table for table, names in COLUMNS.items() if names[0] == "id")


def no_rows() -> Rows:
    """Nothing yet, for any table."""
    return defaultdict(list)


def pour_rows(rows: Rows) -> int:
    """Write the rows of one part into the acting transaction, parents first; returns how many."""
    unknown = rows.keys() - COLUMNS.keys()
    assert not unknown, unknown
    for table, columns in COLUMNS.items():
        pour(Base.metadata.tables[table], columns, rows.get(table, ()))
    return sum(map(len, rows.values()))


def as_json(value: Any) -> str:
    """JSON as SQLAlchemy writes it."""
    return json.dumps(value)


def uid_of(seed: int, *parts: object) -> str:
    """A public id that follows from what it is for: a tenth of the time of throwing dice of its own."""
    return blake2b("/".join(map(str, (seed, *parts))).encode(), digest_size=16).hexdigest()


def new_uid(chance: random.Random) -> str:
    """A public id like that of `core.db.PublicId`, but the same for the same seed."""
    return f"{chance.getrandbits(128):032x}"
