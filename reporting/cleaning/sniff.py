"""What a file is, by its first bytes alone. What is not on this list is not looked at further."""

from typing import NamedTuple

from reporting.cleaning.outcomes import Kind

HEAD = 64  # bytes that are enough

# Brands of the ISO base media format: what follows "ftyp".
STILL_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"heif"}


class Form(NamedTuple):
    """`reader` is the one decoder that is allowed to read it: Pillow's or FFmpeg's name for it."""

    kind: Kind
    reader: str


def sniff(head: bytes) -> Form | None:
    """The form of a file; None for everything that is not taken."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return Form(Kind.PHOTO, "HEIF") if brand in STILL_PICTURES else Form(Kind.VIDEO, "mov")
    if head[4:8] in {b"moov", b"wide", b"mdat"}:  # films of QuickTime before there were brands
        return Form(Kind.VIDEO, "mov")
    if head[:4] == b"RIFF":
        return {b"WEBP": Form(Kind.PHOTO, "WEBP"), b"WAVE": Form(Kind.AUDIO, "wav")}.get(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3" and (b"webm" in head or b"matroska" in head):
        return Form(Kind.VIDEO, "matroska")
    for start, form in STARTS.items():
        if head.startswith(start):
            return form
    # A frame of MPEG audio, layer III: eleven bits of synchronisation, a version that exists.
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08:
        return Form(Kind.AUDIO, "mp3")
    return None


STARTS = {
    b"\xff\xd8\xff": Form(Kind.PHOTO, "JPEG"),
    b"\x89PNG\r\n\x1a\n": Form(Kind.PHOTO, "PNG"),
    b"%PDF-": Form(Kind.PDF, "pdf"),
    b"OggS": Form(Kind.AUDIO, "ogg"),
    b"ID3": Form(Kind.AUDIO, "mp3"),
    b"#!AMR": Form(Kind.AUDIO, "amr"),
}
