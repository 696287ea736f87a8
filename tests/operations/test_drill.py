"""The drill: a site is lost, and comes back from its archive on another machine."""

import json
from dataclasses import dataclass
from io import BytesIO

import pytest

from operations.databases.base import LEFT_OUT
from tests.operations.places import Place

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.both_databases,
    pytest.mark.xdist_group("backup"),
]

# What people do afterwards: the reporter with the receipt, an officer, the auditor, a reader.
AFTERWARDS = """
import json
from django.core.exceptions import PermissionDenied
from home.models import User
from reporting import evidence, history, receipts, texts
from reporting.models import Attachment, Report
from articles.models import ArticlePage

receipt = receipts.issue(receipts.token_digest("demo report 0"))
own = Report.objects.of_receipt(receipt).get()
opened = {}
for report in Report.objects.order_by("pk"):
    for person in User.objects.filter(memberships__isnull=False).order_by("pk"):
        try:
            words = texts.open_texts(report, by=person)
        except PermissionDenied:
            continue
        opened[report.reference] = [text.words for text in words]
        break
print(json.dumps({
    "own": own.reference,
    "opened": opened,
    "files": [
        b"".join(evidence.opened_pieces(file, "original")).decode()
        for file in Attachment.objects.order_by("pk")
    ],
    "intact": all(history.is_intact(report) for report in Report.objects.all()),
    "found": sorted(page.pk for page in ArticlePage.objects.search("โขง")),
}))
"""


def afterwards(place: Place) -> dict:
    return json.loads(place.manage("shell", "-v0", "-c", AFTERWARDS).stdout)


@dataclass
class State:
    """All that a site holds."""

    tables: dict
    numbering: dict
    schema: set
    files: dict

    @classmethod
    def of(cls, place: Place) -> "State":
        numbering = {
            name: standing
            for name, standing in place.numbering().items()
            if not name.startswith(tuple(LEFT_OUT))
        }
        return cls(place.tables(), numbering, place.schema(), place.files())


@pytest.fixture(scope="module")
def expected(source, archive) -> tuple[State, dict]:
    """What was archived, and what people then find; looking leaves entries in the log."""
    return State.of(source), afterwards(source)


def assert_alike(place: Place, expected: tuple[State, dict]) -> None:
    """Every row, file, number and rule is the source's, and people can go on."""
    before, found = expected
    after = State.of(place)
    theirs = after.tables.pop("somebodys_notes", None)
    assert before.tables.keys() == after.tables.keys()
    for table in before.tables.keys() - LEFT_OUT.keys():
        assert after.tables[table] == before.tables[table], table
    for table in ("django_session", "captcha_captchastore"):
        assert before.tables[table]
        assert not after.tables[table]
    assert before.tables["work_job"]
    assert after.numbering == before.numbering
    assert theirs or after.schema == before.schema
    assert len(before.files) == 5
    assert after.files == before.files
    assert found["opened"]
    assert found["files"] == ["a file of a reporter"]
    assert found["found"]
    assert found["intact"]
    assert afterwards(place) == found


def test_a_restored_site_is_the_same_in_every_row_and_file(
    expected, archive, empty_place, identity
):
    said = empty_place.manage("restore", str(archive), "--identity", str(identity))
    assert "Warning" not in said.stderr
    assert_alike(empty_place, expected)


def test_a_place_in_use_is_replaced_only_when_told_so(
    expected, archive, empty_place, identity, storage_url
):
    empty_place.storage_url = storage_url
    empty_place.stored().write("documents/theirs.txt", BytesIO(b"theirs"))
    empty_place.folder.mkdir()
    empty_place.manage("shell", "-v0", "-c", SOMEBODYS_TABLES)
    before = empty_place.tables(), empty_place.files()
    words = ("restore", str(archive), "--identity", str(identity))

    refused = empty_place.manage(*words, check=False)
    assert refused.returncode != 0
    assert "not empty: it holds 2 tables and 1 files" in refused.stderr
    unsure = empty_place.manage(*words, "--replace", check=False)  # nobody is there to answer
    assert unsure.returncode != 0
    assert "Not confirmed" in unsure.stderr
    assert (empty_place.tables(), empty_place.files()) == before

    empty_place.manage(*words, "--replace", "--yes")
    assert_alike(empty_place, expected)


# One has a name of ours, as a site that is replaced has; the other was never ours.
SOMEBODYS_TABLES = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("home_province", "somebodys_notes"):
        cursor.execute(f"CREATE TABLE {name} (words text)")
        cursor.execute(f"INSERT INTO {name} VALUES ('theirs')")
"""
