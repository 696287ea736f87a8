"""An archive that may not be restored is refused, says why, and changes nothing."""

import json
import tarfile
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pyrage import x25519

from operations import age, archive, fingerprints
from operations.databases import database
from operations.restore import prove

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def make(tmp_path, recipient):
    """make(...) writes an archive in the true form; what is named differs from a true one."""

    def make(*, members=None, finish=True, **header):
        file = tmp_path / "archive.age"
        true = {
            "made_at": "2026-11-25T09:00:00+00:00",
            "database": database().kind,
            "migrations": sorted(MigrationRecorder(connection).applied_migrations()),
            "columns": {"home_province": ["id"]},
            "keys": fingerprints.of_this_process(),
        }
        with (
            file.open("wb") as out,
            age.encrypting(out, age.recipients([recipient])) as stream,
        ):
            writer = archive.Writer(stream, {**true, **header})
            for name, content in (members or {"tables/home_province/000000": b"1\n" * 9}).items():
                writer.add(name, content)
            if finish:
                writer.finish({"rows": {"home_province": 9}, "files": 0})
            else:
                writer.close()
        return file

    return make


def no_words(words: str) -> None:
    """Progress that nobody reads."""


def refusal(file, identity) -> str:
    """What `restore` says; and it changed no row."""
    before = state()
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(file), "--identity", str(identity), stderr=StringIO())
    assert state() == before
    assert "Nothing was changed" in str(refused.value)
    return str(refused.value)


def state() -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(database().tables()):
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
        return counts


def test_a_whole_archive_of_this_site_is_proved(make, identity):
    proved = prove(make(), age.identities(identity), no_words)
    assert proved.manifest["rows"] == {"home_province": 9}
    assert proved.warnings == []
    assert "AGE-SECRET" not in repr(proved)


def test_a_machine_in_use_is_refused(make, identity):
    assert "not empty" in refusal(make(), identity)


def test_the_wrong_key_is_refused(make, tmp_path):
    stranger = tmp_path / "stranger"
    stranger.write_text(str(x25519.Identity.generate()))
    assert "does not open" in refusal(make(), stranger)


def test_wherever_an_archive_was_cut_off_it_is_refused(make, identity):
    file = make(members={"files/a": bytes(200_000)})
    whole = file.read_bytes()
    for end in (0, 10, 180, 220, 66_000, 131_304, len(whole) - 1):
        file.write_bytes(whole[:end])
        assert "no archive" in (said := refusal(file, identity)) or "cut off" in said


def test_whatever_was_changed_in_an_archive_it_is_refused(make, identity):
    file = make(members={"files/a": bytes(200_000)})
    whole = file.read_bytes()
    for place in (0, 30, 100, 190, 250, 70_000, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert refusal(file, identity)
    file.write_bytes(whole + b"more")
    assert "changed" in refusal(file, identity)


def test_what_is_no_archive_is_refused(tmp_path, identity, recipient):
    assert "no such file" in refusal(tmp_path / "nothing", identity)
    (tmp_path / "text").write_text("not an archive")
    assert "no archive" in refusal(tmp_path / "text", identity)
    other = BytesIO()
    with tarfile.open(fileobj=other, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("something"))
    for content in (b"", b"encrypted, and no tar", other.getvalue()):
        with (
            (tmp_path / "other").open("wb") as out,
            age.encrypting(out, age.recipients([recipient])) as stream,
        ):
            stream.write(content)
        assert refusal(tmp_path / "other", identity)


def test_a_backup_that_was_not_finished_is_refused(make, identity):
    assert "not finished" in refusal(make(finish=False), identity)


def test_another_format_is_refused(make, identity, monkeypatch):
    monkeypatch.setattr(archive, "FORMAT", 2)
    file = make()
    monkeypatch.undo()
    assert "has format 2; this release reads format 1" in refusal(file, identity)


def test_a_newer_release_is_refused(make, identity):
    migrations = [("reporting", "0999_from_the_future"), ("home", "0001_user")]
    assert "newer release" in (said := refusal(make(migrations=migrations), identity))
    assert "reporting.0999_from_the_future" in said


def test_the_other_kind_of_database_is_refused(make, identity):
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[database().kind]
    assert f"comes from {other}" in refusal(make(database=other), identity)


@pytest.mark.parametrize(
    "name", ["files/../../etc/passwd", "/files/a", "files//a", "files/./a", "header.json"]
)
def test_a_member_that_no_backup_writes_is_refused(make, identity, name):
    assert refusal(make(members={name: b"x"}), identity)


def test_what_the_manifest_does_not_list_is_refused(make, identity, monkeypatch):
    monkeypatch.setattr(archive.Writer, "finish", _finish_without_members)
    assert "not what its manifest lists" in refusal(make(), identity)


def _finish_without_members(writer, facts):
    manifest = {**facts, "members": {}}
    writer.add(archive.MANIFEST, json.dumps({"manifest": manifest, "mac": ""}).encode())
    writer.close()


def test_a_forged_archive_is_refused(make, identity, monkeypatch):
    """Whoever knows the recipient can encrypt to it; only this site can sign."""
    monkeypatch.setattr(archive, "mac", lambda manifest, key=None: "forged")
    file = make()
    monkeypatch.undo()
    assert "not made by this site" in refusal(file, identity)


def test_other_keys_are_warned_of_and_never_told(make, identity, settings):
    file = make()
    settings.SECRET_KEY = "another secret key, long enough to be one of fifty characters"
    public = json.loads(settings.REPORT_PUBLIC_KEYS)
    public["4301"] = [str(x25519.Identity.generate().to_public())]
    settings.REPORT_PUBLIC_KEYS = json.dumps(public)
    assert "SECRET_KEY does not prove it" in refusal(file, identity)
    proved = prove(file, age.identities(identity), no_words, takes_unproved=True)
    secret, districts = proved.warnings
    assert secret.startswith("SECRET_KEY is not the archive's")
    assert "for: 4301." in districts
    assert settings.SECRET_KEY not in secret


def test_a_key_that_was_replaced_still_proves_an_archive(make, identity, settings):
    file = make()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret key, long enough to be one of fifty characters"
    assert prove(file, age.identities(identity), no_words).warnings == []


@pytest.mark.parametrize("text", ["", "# only words", "AGE-SECRET-KEY-1BROKEN", "\xff\xfe"])
def test_an_identity_that_is_none_is_refused_and_not_quoted(make, tmp_path, text):
    (tmp_path / "broken").write_text(text, "latin-1")
    said = refusal(make(), tmp_path / "broken")
    assert "cannot be read" in said
    assert "BROKEN" not in said


# --- Making one -----------------------------------------------------------------------------------


def test_a_private_key_is_no_recipient_and_is_not_quoted(tmp_path):
    key = str(x25519.Identity.generate())
    with pytest.raises(CommandError) as refused:
        call_command("backup", "--out", str(tmp_path / "a"), "--to", key, stderr=StringIO())
    assert key not in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_an_archive_is_never_overwritten(tmp_path, recipient):
    (tmp_path / "a").write_text("of yesterday")
    with pytest.raises(CommandError, match="already"):
        call_command("backup", "--out", str(tmp_path / "a"), "--to", recipient, stderr=StringIO())
    assert (tmp_path / "a").read_text() == "of yesterday"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]
