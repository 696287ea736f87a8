"""age as a stream: what is written on one side comes out of the other, however much it is.

Everything goes through a pipe to a thread, so nothing waits in memory or on disk. age proves each
64 KB and the end of the file; it does not prove who wrote it (archive.py does).
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pyrage
from pyrage import x25519


class KeyUnusable(Exception):
    """What was given as a key is none. The message never quotes it."""


class Undecipherable(Exception):
    """The file is not what was encrypted, or not to this key."""


def recipients(texts: Sequence[str]) -> list[Any]:
    """Public keys to encrypt to. Raises KeyUnusable."""
    try:
        return [x25519.Recipient.from_str(text.strip()) for text in texts]
    except pyrage.RecipientError:
        raise KeyUnusable("A recipient is written as age1…, as age-keygen prints it.") from None


def identities(file: Path) -> list[Any]:
    """The private keys in a file as age-keygen writes it. Raises KeyUnusable."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        keys = [x25519.Identity.from_str(line) for line in lines if line and line[0] != "#"]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        keys = []
    if not keys:
        raise KeyUnusable(
            "The identity file cannot be read: it holds AGE-SECRET-KEY-1…, as age-keygen writes it."
        )
    return keys


@contextmanager
def encrypting(out: IO[bytes], to: list[Any]) -> Iterator[IO[bytes]]:
    """A stream whose bytes reach `out` encrypted. When the block fails, `out` gets no valid end."""
    reading, writing = os.pipe()
    source = _Source(os.fdopen(reading, "rb"))
    encrypt = _Thread(lambda: pyrage.encrypt_io(source, out, to), closing=source.pipe)
    with os.fdopen(writing, "wb") as stream:
        try:
            yield stream
            stream.flush()
        except BaseException as failure:
            source.is_cut = True
            with suppress(BrokenPipeError):
                stream.close()
            encrypt.join()
            if isinstance(failure, BrokenPipeError) and encrypt.error:
                raise encrypt.error from None  # the disk was full: that is the reason
            raise
    encrypt.join()
    if encrypt.error:
        raise encrypt.error


@contextmanager
def decrypting(file: IO[bytes], keys: list[Any]) -> Iterator["Plain"]:
    """A stream of what `file` holds. Reading raises Undecipherable."""
    reading, writing = os.pipe()
    pipe = os.fdopen(writing, "wb")
    decrypt = _Thread(lambda: pyrage.decrypt_io(file, pipe, keys), closing=pipe)
    with os.fdopen(reading, "rb") as stream:
        try:
            yield Plain(stream, decrypt)
        finally:
            stream.close()  # whoever still writes is told
            decrypt.join()


class Plain:
    """The deciphered side. Its end is believed only when the file's own end was."""

    def __init__(self, stream: IO[bytes], decrypt: "_Thread") -> None:
        self._stream, self._decrypt = stream, decrypt

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        if len(content) < size:
            self._decrypt.join()
            if self._decrypt.error:
                raise _explained(self._decrypt.error) from None
        return content

    def drain(self) -> None:
        """Reads to the end, which proves that nothing was cut off."""
        while self.read(1 << 20):
            pass


def _explained(error: BaseException) -> Undecipherable:
    if isinstance(error, pyrage.DecryptError) and "No matching keys" in str(error):
        return Undecipherable("This identity does not open the archive: it was made for another.")
    if isinstance(error, pyrage.DecryptError):
        return Undecipherable("The file is no archive, or its beginning is damaged.")
    return Undecipherable("The archive was cut off or changed after it was made.")


class _Source:
    """The pipe's end as pyrage reads it: a writer that failed must not look like a good end."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.pipe, self.is_cut = pipe, False

    def read(self, size: int) -> bytes:
        content = self.pipe.read(size)
        if len(content) < size and self.is_cut:
            # No OSError: Rust takes some of them, such as EINTR, as a wish to read again.
            raise RuntimeError("The backup was not finished.")
        return content


class _Thread(threading.Thread):
    """Runs work, keeps its error, and closes its end of the pipe whatever happens."""

    def __init__(self, work: Any, *, closing: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._work, self._closing = work, closing
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
            self._closing.close()  # flushes
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self.error = error
        finally:
            with suppress(OSError):
                self._closing.close()
