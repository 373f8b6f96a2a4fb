"""What the tests of pages share: a small run and a set made of it, with their pages."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import page_runs

ROOT = Path(os.environ.get("BASHU_SOURCE", Path(__file__).resolve().parents[2]))
BASHU = os.environ.get("BASHU")
REPORT = ROOT / "scripts/report.py"
CASE = ROOT / "tests/cases/tiny.yaml"
sys.path.insert(0, str(ROOT / "scripts"))
MEMBERS = {"campaign-20": {"power": 0.2}, "ban": {"power": 0.05}}

needs_program = pytest.mark.skipif(not BASHU, reason="BASHU does not name the program")


def report(*words):
    return subprocess.run(["/usr/bin/python3", REPORT, *map(str, words)], capture_output=True, text=True, timeout=120)


def data_of(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return page_runs.program_run(BASHU, CASE, tmp_path_factory.mktemp("page") / "tiny")


@pytest.fixture(scope="module")
def page(run):
    done = report(run)
    assert done.returncode == 0, done.stderr
    return run / "report.html"


@pytest.fixture(scope="module")
def set_page(run, tmp_path_factory):
    folder = page_runs.scenario_set(run, tmp_path_factory.mktemp("set") / "plan", MEMBERS)
    page_runs.corridors(folder / "base")
    page_runs.sources(folder / "base")
    page_runs.before_after(folder, MEMBERS)
    page_runs.standards(folder, MEMBERS)
    done = report(folder, "--lang", "en")
    assert done.returncode == 0, done.stderr
    return folder / "report.html"
