"""Starting the process that decodes, and believing it no more than one word."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import NamedTuple

from django.conf import settings

from reporting.cleaning.limits import Limits
from reporting.cleaning.outcomes import Kind, Reason, Unusable

ANSWERS = {str(word): word for word in (*Kind, *Reason)}
LONGEST_ANSWER = 32


class Cleaned(NamedTuple):
    """What may be kept: a file in memory, for the caller to close."""

    kind: Kind
    file: int
    size: int


def in_memory(name: str) -> int:
    """A file that lies on no disk, and is gone when it is closed."""
    return os.memfd_create(name, os.MFD_CLOEXEC)


def clean(source: int) -> Cleaned:
    """A clean copy of an open file. Raises Unusable, and never anything that the file caused."""
    limits = Limits(**settings.EVIDENCE["limits"])
    target = in_memory("clean")
    try:
        answer = _ask(source, target, limits)
        if not isinstance(answer, Kind):
            raise Unusable(answer)
        size = os.fstat(target).st_size
        if not 0 < size <= limits.bytes:
            raise Unusable(Reason.DAMAGED)
        return Cleaned(answer, target, size)
    except BaseException:
        os.close(target)
        raise


def _ask(source: int, target: int, limits: Limits) -> Kind | Reason:
    os.lseek(source, 0, os.SEEK_SET)
    process = subprocess.Popen(
        [
            sys.executable,
            "-s",
            "-m",
            "reporting.cleaning",
            str(source),
            str(target),
            limits.to_words(),
        ],
        cwd=settings.BASE_DIR,
        env={"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
        pass_fds=(source, target),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        code = process.wait(limits.seconds)
        said = os.read(process.stdout.fileno(), LONGEST_ANSWER).decode(errors="replace")
    except subprocess.TimeoutExpired:
        return Reason.TOO_HEAVY
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return Reason.TOO_HEAVY
    return ANSWERS.get(said, Reason.DAMAGED) if code == 0 else Reason.DAMAGED
