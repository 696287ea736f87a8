"""The process that decodes what strangers sent: `python -m reporting.cleaning IN OUT LIMITS`.

It is given two open files by number and nothing else: no settings, no keys, no name. It prints what
it made, or why it made nothing, in one word. Whatever happens in here, who started it goes on.
"""

import os
import resource
import sys
from typing import BinaryIO

from reporting.cleaning.limits import Limits
from reporting.cleaning.outcomes import Kind, Reason, Unusable
from reporting.cleaning.sniff import HEAD, Form, sniff


def main(source_number: str, target_number: str, words: str) -> None:
    limits = Limits.from_words(words)
    bound(limits)
    with os.fdopen(int(source_number), "rb") as source, os.fdopen(int(target_number), "w+b") as to:
        try:
            answer = str(_clean(source, to, limits))
        except Unusable as unusable:
            answer = str(unusable.reason)
        except MemoryError:
            answer = str(Reason.TOO_HEAVY)
        except Exception:  # noqa: BLE001 - its words may quote the file
            answer = str(Reason.DAMAGED)
    sys.stdout.write(answer)


def bound(limits: Limits) -> None:
    """A ceiling for all that a decoder can use up. A lower one that is there already stays."""
    for what, most in {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.bytes,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }.items():
        _, hard = resource.getrlimit(what)
        ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (ceiling, ceiling))


def _clean(source: BinaryIO, target: BinaryIO, limits: Limits) -> Kind:
    form = sniff(source.read(HEAD))
    source.seek(0)
    if form is None:
        raise Unusable(Reason.UNKNOWN)
    kind = _decode(form, source, target, limits)
    target.flush()
    return kind


def _decode(form: Form, source: BinaryIO, target: BinaryIO, limits: Limits) -> Kind:
    """Each decoder is loaded only where it is needed: what is not loaded cannot be attacked."""
    if form.kind == Kind.PHOTO:
        from reporting.cleaning.images import clean_image

        clean_image(source, target, form.reader, limits)
        return form.kind
    if form.kind == Kind.PDF:
        from reporting.cleaning.pdf import clean_pdf

        clean_pdf(source, target, limits)
        return form.kind
    from reporting.cleaning.media import clean_media

    return clean_media(source, target, form.reader, limits)


if __name__ == "__main__":
    main(*sys.argv[1:])
