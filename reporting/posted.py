"""Reading what a reporter sent: text only, one value a name, and a plain answer when it fails."""

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


def posted(request: HttpRequest) -> dict[str, str]:
    """What was typed. NUL, which no database column takes, is left out. Raises Unreadable."""
    if not hasattr(request, "_post"):  # a second look at what was read before
        request.upload_handlers = [NoFiles(request)]
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
