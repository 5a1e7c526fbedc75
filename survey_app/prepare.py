"""Before serving: bring the database up to date, load the criteria, stock an empty database."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from survey_app.accounts import queries as accounts
from survey_app.certificates import service as certificates
from survey_app.core import clock
from survey_app.core.db import db, unit_of_work
from survey_app.frameworks import service as frameworks
from survey_app.jobs import engine
from survey_app.organisations import queries, service
from survey_app.organisations.loader import DEPARTMENT_CODE
from survey_app.rules.permissions import ROLE_NAMES, Role

ROOT = Path(__file__).resolve().parents[1]
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


def prepare(app: Flask, *, with_demo: bool) -> None:
    """Make the database ready to serve; may be run any number of times.

    An empty database gets the demo (`with_demo`) or else the department and its communes. Stored data
    are never replaced.
    """
    with app.app_context():
        upgrade()
        engine.prepare(db.engine)
        with unit_of_work():
            report = frameworks.import_criteria_folder(frameworks.CRITERIA, now=clock.now())
        for line in report.problems():
            print(line, flush=True)
        empty = queries.unit_by_code(DEPARTMENT_CODE) is None
        if empty and not with_demo:
            with unit_of_work():
                service.load_communes(now=clock.now())
                certificates.ensure_issuer(service.the_department(), now=clock.now())
        if not with_demo and not accounts.anybody():
            print(
                "Chưa có tài khoản nào. Tạo quản trị đầu tiên: .venv/bin/flask accounts create-admin",
                flush=True,
            )
    if empty and with_demo:
        print("Cơ sở dữ liệu còn trống: đang tạo dữ liệu demo …", flush=True)
        subprocess.run([*FLASK, "demo", "load"], cwd=ROOT, check=True)


SHOWN_SCHOOLS = 6  # with two that still have a form to fill in


def demo_accounts() -> list[str]:
    """A line for one demo account of every role and a few schools; none when the database is not a demo."""
    command = [*FLASK, "demo", "accounts", "--json", "--most", str(SHOWN_SCHOOLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return []
    seen: Counter[str] = Counter()
    lines = []
    for row in json.loads(done.stdout):
        seen[row["role"]] += 1
        if seen[row["role"]] <= (SHOWN_SCHOOLS if row["role"] == Role.UNIT_HEAD else 1):
            lines.append(
                f"  {row['login']:<18} {row['password']}  {ROLE_NAMES[row['role']]:<24} {row['unit']}"
            )
    paper = subprocess.run([*FLASK, "demo", "look-up"], cwd=ROOT, capture_output=True, text=True, check=False)
    if not paper.returncode:
        lines.append(f"Giấy chứng nhận để thử tra cứu: {paper.stdout.strip()}")
    return lines


def wants_demo() -> bool:
    """True unless the environment says DEMO=0 or this is a production configuration."""
    return os.environ.get("DEMO", "1") != "0" and os.environ.get("ENV", "development") == "development"
