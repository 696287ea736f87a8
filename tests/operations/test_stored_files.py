"""Files that take the place of others, in a folder and in a bucket, or leave them as they were."""

from io import BytesIO

import pytest

from operations.stored_files import StoredFiles
from tests.operations.places import store, sums

LIVE = {
    "images/a.jpg": b"live",
    "images/ก.jpg": b"live too",
    "documents/c/d.txt": b"",
    "evidence/ab/cd": b"sealed",
}
NEW = {"images/a.jpg": b"new", "documents/e.txt": b"new too", "evidence/ef/01": b"sealed too"}


@pytest.fixture(params=["folder", "bucket"])
def files(request, tmp_path) -> StoredFiles:
    url = request.getfixturevalue("storage_url") if request.param == "bucket" else ""
    files = store(url, tmp_path / "media")
    for name, content in LIVE.items():
        files.write(name, BytesIO(content))
    return files


def prepare(prepared) -> None:
    for name, content in NEW.items():
        prepared.write(name, BytesIO(content))


def contents(files: StoredFiles) -> dict[str, bytes]:
    return {name: files.open(name)[1].read() for name in files._all()}


def test_prepared_files_take_over_and_nothing_else_is_left(files):
    with files.beside() as prepared:
        prepare(prepared)
        assert {name: files.open(name)[1].read() for name in files.names()} == LIVE
        prepared.take_over()
        prepared.keep()
    assert contents(files) == NEW


def test_without_taking_over_nothing_has_changed(files):
    with files.beside() as prepared:
        prepare(prepared)
    assert contents(files) == LIVE


@pytest.mark.parametrize("last", range(len(LIVE) + len(NEW)))
def test_a_failure_at_any_file_leaves_the_old_ones(files, monkeypatch, last):
    moves = []

    def move(name, to):
        if len(moves) == last:
            moves.append("failed")
            raise OSError("The storage is gone.")
        moves.append(name)
        type(files).move(files, name, to)

    monkeypatch.setattr(files, "move", move)
    with files.beside() as prepared:
        prepare(prepared)
        with pytest.raises(OSError, match="gone"):
            prepared.take_over()
    assert contents(files) == LIVE


def test_what_a_killed_restore_left_is_neither_read_nor_kept(files):
    before = sums(files)
    files.write(".restoring/images/half.jpg", BytesIO(b"half"))
    assert files.names() == sorted(LIVE)
    with files.beside():
        pass
    assert sums(files) == before


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "a//b", "", "a/\0"])
def test_no_name_leads_outside(files, name):
    with pytest.raises(ValueError, match="outside"), files.beside() as prepared:
        prepared.write(name, BytesIO(b"out"))
    assert contents(files) == LIVE
