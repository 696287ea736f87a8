"""All files of editors and the sealed ones of reporters, in folders or a bucket, one by one.

Django's storages would do, but for three things: they read a file in a bucket whole, they choose
another name for a file that is there, and they cannot rename.
"""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import FileSystemStorage, default_storage, storages

from operations.archive import Readable, is_plain

# Where a restore puts what it has not switched to yet, and what it has switched away from.
PREPARED, REPLACED = ".restoring/", ".replaced/"
# Where reporters' files lie in a bucket, and so in an archive: it may be restored to either.
EVIDENCE = "evidence/"


class StoredFiles(ABC):
    """Files by name. A name is a path with "/", wherever they lie."""

    @abstractmethod
    def _all(self, below: str = "") -> Iterator[str]:
        """Names, `below` included, of everything that begins with `below`."""

    @abstractmethod
    def open(self, name: str) -> tuple[int, IO[bytes]]:
        """Size and content, read as a stream. Raises FileNotFoundError."""

    @abstractmethod
    def write(self, name: str, stream: Readable) -> None: ...

    @abstractmethod
    def move(self, name: str, to: str) -> None: ...

    @abstractmethod
    def delete_all(self, below: str) -> None: ...

    def names(self) -> list[str]:
        """Every file, except what a restore left behind that was killed."""
        return sorted(name for name in self._all() if not name.startswith((PREPARED, REPLACED)))

    @contextmanager
    def beside(self) -> Iterator["Prepared"]:
        """A place for files that may take over; unless they did, nothing has changed."""
        prepared = Prepared(self)
        self.delete_all(PREPARED)
        try:
            yield prepared
        finally:
            prepared.clear()


class Prepared:
    """Files of an archive, apart from the live ones until they take over."""

    def __init__(self, files: StoredFiles) -> None:
        self._files, self._names = files, list[str]()
        self._moved: list[tuple[str, str]] = []
        self._is_kept = False

    def write(self, name: str, stream: Readable) -> None:
        if not is_plain(name):
            raise ValueError("A file's name leads outside.")
        self._files.write(PREPARED + name, stream)
        self._names.append(name)

    def take_over(self) -> None:
        """Moves the live files aside and these into their place; undoes it when that fails."""
        try:
            self._files.delete_all(REPLACED)
            for name in self._files.names():
                self._move(name, REPLACED + name)
            for name in self._names:
                self._move(PREPARED + name, name)
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        while self._moved:
            name, to = self._moved.pop()
            self._files.move(to, name)

    def keep(self) -> None:
        """From now on nothing is undone."""
        self._is_kept = True

    def clear(self) -> None:
        """Forgets what is not live; what was replaced only once nobody needs it back."""
        self._files.delete_all(PREPARED)
        if self._is_kept:
            self._files.delete_all(REPLACED)

    def _move(self, name: str, to: str) -> None:
        self._files.move(name, to)
        self._moved.append((name, to))


class Folder(StoredFiles):
    def __init__(self, storage: FileSystemStorage) -> None:
        self._root, self._mode = Path(storage.location), storage.file_permissions_mode or 0o644

    def _all(self, below: str = "") -> Iterator[str]:
        for folder, _, files in os.walk(self._root / below):
            for file in files:
                path = Path(folder) / file
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self._root).as_posix()

    def open(self, name: str) -> tuple[int, IO[bytes]]:
        stream = (self._root / name).open("rb")
        return os.fstat(stream.fileno()).st_size, stream

    def write(self, name: str, stream: Readable) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            shutil.copyfileobj(stream, file)
            file.flush()
            os.fchmod(file.fileno(), self._mode)
            os.fsync(file.fileno())

    def move(self, name: str, to: str) -> None:
        (self._root / to).parent.mkdir(parents=True, exist_ok=True)
        (self._root / name).rename(self._root / to)
        self._forget_empty(self._root / name)

    def delete_all(self, below: str) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self._root / below)

    def _forget_empty(self, path: Path) -> None:
        with suppress(OSError):  # the first folder that still holds something ends it
            for folder in path.parents:
                if folder == self._root:
                    break
                folder.rmdir()


class Bucket(StoredFiles):
    def __init__(self, storage: Any) -> None:
        self._bucket = storage.bucket

    def _all(self, below: str = "") -> Iterator[str]:
        return (item.key for item in self._bucket.objects.filter(Prefix=below))

    def open(self, name: str) -> tuple[int, IO[bytes]]:
        from botocore.exceptions import ClientError  # a folder needs none of it

        try:
            answer = self._bucket.Object(name).get()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError from None
            raise
        return answer["ContentLength"], answer["Body"]

    def write(self, name: str, stream: Readable) -> None:
        self._bucket.upload_fileobj(_ReadOnly(stream), name)

    def move(self, name: str, to: str) -> None:
        self._bucket.copy({"Bucket": self._bucket.name, "Key": name}, to)
        self._bucket.Object(name).delete()

    def delete_all(self, below: str) -> None:
        self._bucket.objects.filter(Prefix=below).delete()


class _ReadOnly:
    """boto3 closes what it uploads, and seeks where it can."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


class Together(StoredFiles):
    """Two folders as one: reporters' files appear below `evidence/`, as they lie in a bucket."""

    def __init__(self, files: StoredFiles, evidence: StoredFiles) -> None:
        self._files, self._evidence = files, evidence

    def _all(self, below: str = "") -> Iterator[str]:
        yield from (name for name in self._files._all(below))
        for name in self._evidence._all():
            place, name = _split(name)
            if (shown := place + EVIDENCE + name).startswith(below):
                yield shown

    def open(self, name: str) -> tuple[int, IO[bytes]]:
        files, name = self._of(name)
        return files.open(name)

    def write(self, name: str, stream: Readable) -> None:
        files, name = self._of(name)
        files.write(name, stream)

    def move(self, name: str, to: str) -> None:
        files, name = self._of(name)
        files.move(name, self._of(to)[1])

    def delete_all(self, below: str) -> None:
        self._files.delete_all(below)
        self._evidence.delete_all(below)

    def _of(self, name: str) -> tuple[StoredFiles, str]:
        """The folder of a name, and what it is called there."""
        place, inside = _split(name)
        if inside.startswith(EVIDENCE):
            return self._evidence, place + inside.removeprefix(EVIDENCE)
        return self._files, name


def _split(name: str) -> tuple[str, str]:
    """Where a restore has put a file, and the file's own name."""
    place = next((place for place in (PREPARED, REPLACED) if name.startswith(place)), "")
    return place, name.removeprefix(place)


def stored_files() -> StoredFiles:
    """The files of the settings' storages, of all kinds alike."""
    evidence = storages["evidence"]
    if isinstance(default_storage, FileSystemStorage) and isinstance(evidence, FileSystemStorage):
        return Together(Folder(default_storage), Folder(evidence))
    return Bucket(default_storage)
