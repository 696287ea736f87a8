"""Reading what a reporter sent: one value a name, and a plain answer when it fails.

Files are taken where they are asked for, and wait in memory until they are sealed: their names are
not read, and no temporary file is written.
"""

from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

# What will not be read as a form is still taken off the line, or the browser would not listen to
# the answer: in pieces, and not for ever.
PIECE, PIECES = 1024 * 1024, 100


class Unreadable(Exception):
    """What was sent cannot be read; it says how the answer is numbered and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    @property
    def is_too_much(self) -> bool:
        return self.status == 413


class NoFiles(FileUploadHandler):
    """Drops files unread: the form asks for none, and they would lie about as temporary files."""

    def new_file(self, *args, **kwargs) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


class PiecesInMemory(FileUploadHandler):
    """Takes files as pieces of memory, never as temporary files, and no more than fit at once.

    What a file was called, and what it claims to be, is left where it is.
    """

    def __init__(self, request: HttpRequest, *, piece: int, at_once: int) -> None:
        super().__init__(request)
        self.chunk_size = piece
        self.room = at_once
        self.is_too_much = False
        self.files: list[list[bytes]] = []

    def new_file(self, *args, **kwargs) -> None:
        self.files.append([])

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Evens the pieces out: they come as the line delivers them."""
        self.room -= len(raw_data)
        if self.room < 0:
            self.is_too_much = True
            self.files[-1].clear()
            return
        pieces = self.files[-1]
        if pieces and (lacking := self.chunk_size - len(pieces[-1])) > 0:
            pieces[-1] += raw_data[:lacking]
            raw_data = raw_data[lacking:]
        for at in range(0, len(raw_data), self.chunk_size):
            pieces.append(raw_data[at : at + self.chunk_size])

    def file_complete(self, file_size: int) -> None:
        return None


def posted_with_files(
    request: HttpRequest, *, piece: int, at_once: int
) -> tuple[dict[str, str], list[list[bytes]]]:
    """What was typed, and the files in pieces of equal size. Raises Unreadable."""
    handler = PiecesInMemory(request, piece=piece, at_once=at_once)
    data = posted(request, files=handler)
    if handler.is_too_much:
        raise Unreadable(413)
    return data, handler.files


def posted(request: HttpRequest, *, files: FileUploadHandler | None = None) -> dict[str, str]:
    """What was typed. NUL, which no database column takes, is left out. Raises Unreadable."""
    if not hasattr(request, "_post"):  # a second look at what was read before
        request.upload_handlers = [files or NoFiles(request)]
    try:
        return {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    except RequestDataTooBig:
        _read_away(request)
        raise Unreadable(413) from None
    except (TooManyFieldsSent, TooManyFilesSent, MultiPartParserError, BadRequest):
        _read_away(request)
        raise Unreadable(400) from None
    except UnreadablePostError:  # the line broke off
        raise Unreadable(400) from None


def _read_away(request: HttpRequest) -> None:
    try:
        for _ in range(PIECES):
            if not request.read(PIECE):
                return
    except UnreadablePostError:
        return
