"""Backup of a site that runs: one moment, nothing in the clear, no half archive."""

from io import BytesIO, StringIO
from threading import Thread

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from operations import age, archive, backup
from operations.backup import BackupFailed
from operations.databases import database
from operations.databases.base import LEFT_OUT, known_tables
from reporting.models import Report
from tests.factories import file_report

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.xdist_group("backup"),
]
SECRET = "เห็นเด็กสามคนถูกพาลงเรือ"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def no_words(words: str) -> None:
    """Progress that nobody reads."""


def contents(file, identity) -> dict[str, bytes]:
    with file.open("rb") as out, age.decrypting(out, age.identities(identity)) as plain:
        return {name: member.read() for name, member in archive.members(plain)}


def rows(content: dict[str, bytes], table: str) -> bytes:
    return b"".join(part for name, part in content.items() if name.startswith(f"tables/{table}/"))


def in_another_process(work) -> None:
    """As another process would: on a connection of its own, waited for."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


def test_a_report_filed_meanwhile_is_wholly_in_or_wholly_not(tmp_path, identity, recipient):
    before = file_report(district=None)
    filed: list[Report] = []

    def say(words: str) -> None:
        if words.startswith("Table") and not filed:  # the moment is fixed; most is still to read
            in_another_process(lambda: filed.append(file_report(district=None)))

    backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=say)
    [during] = filed
    content = contents(tmp_path / "a", identity)
    for table in ("reporting_report", "reporting_sealedtext", "reporting_logentry"):
        assert rows(content, table).count(b"\n") == 1, table
    assert before.reference.encode() in rows(content, "reporting_report")
    assert during.reference.encode() not in b"".join(content.values())
    assert Report.objects.count() == 2


def test_an_archive_holds_no_key_and_no_word_in_the_clear(
    tmp_path, identity, recipient, settings, keyrings
):
    file_report(narrative=SECRET)
    SessionStore().save(must_create=True)
    default_storage.save("documents/a.txt", ContentFile(b"of the editors"))
    backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=no_words)
    assert b"reporting_report" not in (tmp_path / "a").read_bytes()
    content = contents(tmp_path / "a", identity)
    assert content["files/documents/a.txt"] == b"of the editors"
    opened = b"".join(content.values())
    for kept_apart in (SECRET, settings.SECRET_KEY, *(key[0] for key in keyrings[1].values())):
        assert kept_apart.encode() not in opened
    assert not rows(content, "django_session")


def test_what_is_said_names_no_file(tmp_path, recipient):
    default_storage.save("documents/somebody.txt", ContentFile(b"x"))
    err = StringIO()
    call_command("backup", "--out", str(tmp_path / "a"), "--to", recipient, stderr=err)
    assert "File 1 of 1" in err.getvalue()
    assert "somebody" not in err.getvalue()


def test_the_archive_is_its_owners_alone(tmp_path, recipient):
    backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=no_words)
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("failing", ["_write_tables", "_write_files"])
def test_a_backup_that_fails_leaves_no_file(tmp_path, recipient, monkeypatch, failing):
    def fail(*args):
        raise OSError(28, "No space left on device", "a name")

    monkeypatch.setattr(backup, failing, fail)
    folder = tmp_path / "archives"
    folder.mkdir()
    with pytest.raises(CommandError, match="No space left") as refused:
        call_command("backup", "--out", str(folder / "a"), "--to", recipient, stderr=StringIO())
    assert "a name" not in str(refused.value)
    assert not list(folder.iterdir())


def test_a_file_that_changes_while_it_is_read_ends_the_backup(tmp_path, recipient, monkeypatch):
    default_storage.save("documents/a.txt", ContentFile(b"x"))
    files = backup.stored_files()
    monkeypatch.setattr(files, "open", lambda name: (10, BytesIO(b"short")))
    monkeypatch.setattr(backup, "stored_files", lambda: files)
    with pytest.raises(BackupFailed, match="changed while it was read"):
        backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=no_words)


def test_a_file_that_was_deleted_meanwhile_is_counted(tmp_path, recipient, identity, monkeypatch):
    default_storage.save("documents/a.txt", ContentFile(b"x"))
    files = backup.stored_files()
    monkeypatch.setattr(files, "names", lambda: ["documents/a.txt", "documents/gone.txt"])
    monkeypatch.setattr(backup, "stored_files", lambda: files)
    said: list[str] = []
    backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=said.append)
    assert any("1 files were deleted" in words for words in said)
    assert "files/documents/a.txt" in contents(tmp_path / "a", identity)


def test_every_table_is_ours_and_each_is_kept_or_left_out_for_a_reason():
    assert database().tables() <= known_tables()
    assert all(LEFT_OUT.values())
    installed = {table for table in LEFT_OUT if not table.startswith("axes_")}
    assert installed <= database().tables()


def test_a_large_file_passes_through_a_little_at_a_time(tmp_path, recipient, monkeypatch):
    asked: list[int] = []

    class Large:
        left = 64 << 20

        def read(self, size):
            asked.append(size)
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

        def close(self): ...

        def __enter__(self):
            return self

        def __exit__(self, *failure): ...

    files = backup.stored_files()
    monkeypatch.setattr(files, "names", lambda: ["documents/large.bin"])
    monkeypatch.setattr(files, "open", lambda name: (64 << 20, Large()))
    monkeypatch.setattr(backup, "stored_files", lambda: files)
    backup.backup(tmp_path / "a", to=age.recipients([recipient]), say=no_words)
    assert (tmp_path / "a").stat().st_size > 64 << 20
    assert max(asked) <= 1 << 20
