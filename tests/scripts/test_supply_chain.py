"""What the platform is made of: known weaknesses, licences, the bill of materials."""

import json
import os
import re
import subprocess
import sys

import pytest

import audit
import licences
import sbom

PINNED = dict(re.findall(r"^([\w.-]+)==(\S+)", audit.REQUIREMENTS.read_text(), re.M))
SOUND = {"name": "sound", "version": "1.0", "vulns": []}
WEAK = {
    "name": "weak",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
SKIPPED = {"name": "skipped", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        ([SOUND], audit.SOUND, "None of 1 packages"),
        ([SOUND, WEAK], audit.WEAK, "weak 1.0: PYSEC-1 (mended in 1.1)"),
        ([WEAK], audit.WEAK, "PYSEC-2 (mended in no release yet)"),
        ([SOUND, SKIPPED], audit.UNKNOWN, "knows nothing of 1 of 2 packages:\n  skipped"),
        ([WEAK, SKIPPED], audit.WEAK, audit.NO_CLEARANCE),
        ([], audit.UNKNOWN, audit.NO_CLEARANCE),
    ],
)
def test_an_audit_is_a_clearance_only_when_every_package_was_looked_up(packages, code, says):
    given, lines = audit.verdict({"dependencies": packages})
    assert given == code
    assert says in "\n".join(lines)


def test_an_audit_says_plainly_when_the_service_cannot_be_reached():
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
    nowhere = dict.fromkeys(names, "http://127.0.0.1:1") | {"NO_PROXY": "", "no_proxy": ""}
    said = subprocess.run(
        [sys.executable, "scripts/audit.py"],
        cwd=audit.ROOT,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
    )
    assert said.returncode == audit.UNKNOWN
    assert said.stdout.startswith("The advisory service cannot be reached:")
    assert audit.NO_CLEARANCE in said.stdout


@pytest.mark.parametrize(
    ("licence", "is_strange"),
    [
        ("MIT", False),
        ("Apache-2.0 OR BSD-3-Clause", False),
        ("BSD License; Mozilla Public License 2.0 (MPL 2.0)", False),
        ("UNKNOWN", True),
        ("GNU Affero General Public License v3", True),
        ("MIT; Other/Proprietary License", True),
        ("", True),
    ],
)
def test_a_licence_that_nobody_looked_at_is_strange(licence, is_strange):
    package = licences.Package("some-package", "1.0", licence)
    assert bool([*licences.strange([package])]) is is_strange


def test_every_package_that_runs_is_listed_with_a_free_licence():
    assert licences.problems() == []
    assert {name.lower() for name in PINNED} == {
        re.sub(r"[_.]", "-", package.name.lower()) for package in licences.installed()
    }


def test_a_list_that_is_out_of_date_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(licences, "LISTED", tmp_path / "licences.md")
    assert "Run `make licences`." in " ".join(licences.problems())


def test_the_bill_names_every_package_and_is_the_same_each_time(tmp_path):
    for name in ("once", "twice"):
        sbom.write(tmp_path / name)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "twice").read_bytes()
    bill = json.loads((tmp_path / "once").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert {part["name"]: part["version"] for part in bill["components"]} == PINNED
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])
