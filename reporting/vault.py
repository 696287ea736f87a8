"""Sealed pieces of files in storage. Nothing is written here that was not sealed first.

They are of reporters' files and of exports. A piece is sealed like a text, but too large for a
column. Its name in storage is drawn by lot.
"""

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from reporting import routing, sealing
from reporting.models import CoordinationCentre, ExportPiece, SealedPiece

# A piece that no row names after so long belongs to a transaction that failed.
LOOSE_AFTER = timedelta(days=1)


def storage() -> Storage:
    return storages["evidence"]


def put(content: bytes, *, centre: CoordinationCentre | None) -> SealedPiece:
    """Seals a piece to the keys of a queue and stores it. The row is for the caller to write.

    Whoever does not write it leaves sealed bytes behind that clear_loose() takes away.
    """
    stored_as, names = _store(content, to=routing.key_names(centre))
    return SealedPiece(stored_as=stored_as, sealed_to=names)


def put_export(content: bytes) -> ExportPiece:
    """The same for a piece of an export, sealed to the project office alone."""
    stored_as, names = _store(content, to=[])
    return ExportPiece(stored_as=stored_as, sealed_to=names)


def _store(content: bytes, *, to: Iterable[str]) -> tuple[str, list[str]]:
    sealed, names = sealing.seal(content, to=to)
    name = secrets.token_hex(16)
    return storage().save(f"{name[:2]}/{name[2:]}", ContentFile(sealed)), names


def get(piece: SealedPiece | ExportPiece) -> bytes:
    """A piece, opened. Call it through evidence.py or exporting.py, which ask and log."""
    with storage().open(piece.stored_as) as file:
        return sealing.open_sealed(file.read(), sealed_to=piece.sealed_to)


def delete_after_commit(names: Iterable[str]) -> None:
    """Takes pieces out of storage once it is certain that no row names them."""
    for name in list(names):
        transaction.on_commit(partial(storage().delete, name))


def clear_loose() -> None:
    """Takes away what no row names: left over by transactions that failed."""
    before = timezone.now() - LOOSE_AFTER
    for folder in _folders():
        if len(folder) != 2:  # what a restore is preparing
            continue
        names = [f"{folder}/{name}" for name in storage().listdir(folder)[1]]
        named = set(_named(names))
        for name in names:
            if name not in named and storage().get_modified_time(name) < before:
                storage().delete(name)


def _folders() -> list[str]:
    try:
        return storage().listdir("")[0]
    except FileNotFoundError:  # no file has ever arrived
        return []


def _named(names: list[str]) -> Iterator[str]:
    for model in (SealedPiece, ExportPiece):
        pieces = model.objects.filter(stored_as__in=names)
        yield from pieces.values_list("stored_as", flat=True).iterator()
