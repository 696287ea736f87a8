"""The form of an archive: a tar inside an age file, so that ordinary tools open it as well.

    header.json            what it is: read first, so that what does not fit is refused early
    tables/NAME/000000     rows of a table, in parts of a few megabytes
    files/NAME             files of the editors; below evidence/ those of reporters, sealed
    manifest.json          every member's size and SHA-256, and a keyed digest over all of it

`age --decrypt --identity KEY ARCHIVE | tar --extract` unpacks it by hand.
"""

import hashlib
import hmac
import json
import shutil
import tarfile
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any, Protocol

from django.conf import settings
from django.utils.crypto import salted_hmac

from operations.age import Plain

FORMAT = 1
HEADER, MANIFEST = "header.json", "manifest.json"
TABLES, FILES = "tables/", "files/"
PURPOSE = "operations.archive"
NO_BACKUP = "The file opens, but it is not a whole backup of this program."


class ArchiveRefused(Exception):
    """The archive is not one that may be restored here; the message says why."""


class Readable(Protocol):
    """A stream that can only be read on."""

    def read(self, size: int = -1, /) -> bytes: ...


class Writer:
    """Writes members one after the other and remembers their sums."""

    def __init__(self, stream: IO[bytes], header: dict[str, Any]) -> None:
        self._stream = stream
        self._members: dict[str, list[Any]] = {}
        self.add(HEADER, _json({**header, "format": FORMAT}))

    def add(self, name: str, content: bytes) -> None:
        self.add_stream(name, len(content), BytesIO(content))

    def add_stream(self, name: str, size: int, stream: Readable) -> None:
        """Raises OSError when the stream does not hold exactly `size` bytes."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._stream.write(member.tobuf(tarfile.PAX_FORMAT))
        summed = Summed(stream)
        shutil.copyfileobj(summed, self._stream)
        if summed.size != size:
            raise OSError("The file changed while it was read.")
        self._stream.write(bytes(-size % tarfile.BLOCKSIZE))
        self._members[name] = [size, summed.digest()]

    def finish(self, facts: dict[str, Any]) -> None:
        """Adds the manifest, which ends the archive."""
        manifest = {**facts, "members": self._members}
        self.add(MANIFEST, _json({"manifest": manifest, "mac": mac(manifest)}))
        self.close()

    def close(self) -> None:
        self._stream.write(bytes(2 * tarfile.BLOCKSIZE))


def members(plain: Plain) -> Iterator[tuple[str, "Summed"]]:
    """Name and content of each member, in order. Read each before the next.

    Raises ArchiveRefused or tarfile.TarError when it is none of ours, age.Undecipherable when it
    is damaged.
    """
    with tarfile.open(fileobj=plain, mode="r|") as tar:  # type: ignore[call-overload]
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or not is_plain(member.name):
                raise ArchiveRefused("The archive holds something that no backup writes.")
            summed = Summed(content)
            yield member.name, summed
            summed.drain()
    plain.drain()


def read_header(content: "Summed") -> dict[str, Any]:
    """The header, if this release reads its format."""
    header = _parse(content)
    if header.get("format") != FORMAT:
        raise ArchiveRefused(
            f"The archive has format {header.get('format')}; this release reads format {FORMAT}. "
            "Restore it with the release that made it."
        )
    return header


def read_manifest(content: "Summed", seen: dict[str, list[Any]]) -> dict[str, Any]:
    """The manifest, if it lists exactly what was seen. `is_ours` says whether the key proves it."""
    whole = _parse(content)
    manifest = whole.get("manifest", {})
    if manifest.get("members") != seen:
        raise ArchiveRefused("What the archive holds is not what its manifest lists.")
    proof = str(whole.get("mac", ""))
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    manifest["is_ours"] = any(hmac.compare_digest(mac(manifest, key), proof) for key in keys)
    return manifest


def mac(manifest: dict[str, Any], key: str | bytes | None = None) -> str:
    """A digest that only a holder of SECRET_KEY can make: age alone does not tell who wrote."""
    text = _json(manifest).decode()
    return salted_hmac(PURPOSE, text, secret=key, algorithm="sha256").hexdigest()


def is_plain(name: str) -> bool:
    """Whether a name leads nowhere but down."""
    parts = name.split("/")
    return "\0" not in name and not any(part in {"", ".", ".."} for part in parts)


class Summed:
    """Reads through to another stream, and sums what was read."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._sum, self.size = stream, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self._sum.update(content)
        self.size += len(content)
        return content

    def drain(self) -> None:
        while self.read(1 << 20):
            pass

    def digest(self) -> str:
        return self._sum.hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _parse(content: Summed) -> dict[str, Any]:
    try:
        value = json.loads(content.read())
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ArchiveRefused(NO_BACKUP)
    return value
