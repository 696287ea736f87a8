"""Files as phones make them, and as no phone does. Each carries PLANTED where its kind has room."""

import math
import struct
import zlib
from array import array
from fractions import Fraction
from io import BytesIO

import av
import pillow_heif
import pypdfium2 as pdfium
from PIL import Image
from PIL.PngImagePlugin import PngInfo

PLANTED = "PLANTED-Somchai"
# Forms in which a string may lie in a file.
SPELLINGS = [PLANTED.encode(), PLANTED.encode("utf-16-be"), PLANTED.encode("utf-16-le")]
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{PLANTED}</dc:creator></x:xmpmeta>'.encode()


def drawn(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture of which each corner is known: red, green, blue, white."""
    picture = Image.new("RGB", (width, height), "white")
    half = width // 2, height // 2
    picture.paste("red", (0, 0, *half))
    picture.paste("green", (half[0], 0, width, half[1]))
    picture.paste("blue", (0, half[1], half[0], height))
    return picture.convert(mode)


def exif(*, orientation: int = 1) -> bytes:
    """Who, where and which telephone; and a thumbnail is in the JPEG of `photo`."""
    data = Image.Exif()
    data[0x010E] = data[0x010F] = data[0x013B] = PLANTED  # description, maker, artist
    data[0x0112] = orientation
    data.get_ifd(0x8825).update(
        {1: "N", 2: (17.0, 52.0, 41.0), 3: "E", 4: (102.0, 44.0, 30.0), 27: PLANTED.encode()}
    )
    return data.tobytes()


def photo(form: str = "JPEG", *, orientation: int = 1, size: tuple[int, int] = (64, 48)) -> bytes:
    """A photograph with everything in it that its form has room for."""
    made = BytesIO()
    words = {"exif": exif(orientation=orientation), "xmp": XMP}
    if form == "JPEG":
        words["comment"] = PLANTED.encode()
    if form == "PNG":
        info = PngInfo()
        info.add_text("Author", PLANTED)
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        words = {"exif": words["exif"], "pnginfo": info}
    if form == "HEIF":
        heif = pillow_heif.from_pillow(drawn(*size))
        heif.save(made, exif=words["exif"], xmp=XMP)
        return made.getvalue()
    drawn(*size).save(made, form, **words)
    return made.getvalue()


def pdf(pages: int = 2) -> bytes:
    """A PDF with information, XMP, a script that runs when it opens, and an attached file."""
    text = b"BT /F1 24 Tf 20 100 Td (Boat 7) Tj ET"
    metadata = stream(XMP, b"/Type /Metadata /Subtype /XML ")
    attached = stream(PLANTED.encode(), b"/Type /EmbeddedFile ")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /OpenAction 7 0 R"
        b" /Names << /EmbeddedFiles << /Names [(a.txt) 8 0 R] >> >> /AF [8 0 R] >>",
        b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 300 200] >>"
        % (b" ".join(b"%d 0 R" % (10 + number) for number in range(pages)), pages),
        stream(text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        metadata,
        b"<< /Author (%s) /Title (%s) >>" % (PLANTED.encode(), PLANTED.encode()),
        b"<< /S /JavaScript /JS (app.alert\\('%s'\\)) >>" % PLANTED.encode(),
        b"<< /Type /Filespec /F (a.txt) /EF << /F 9 0 R >> /Desc (%s) >>" % PLANTED.encode(),
        attached,
    ]
    page = b"<< /Type /Page /Parent 2 0 R /Contents 3 0 R /Resources << /Font << /F1 4 0 R >> >> >>"
    return bound_together([*parts, *[page] * pages], b"/Info 6 0 R ")


def stream(content: bytes, words: bytes = b"") -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (words, len(content), content)


def bound_together(parts: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of the given objects; the first is its catalogue."""
    made, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n"
        b"<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (len(parts) + 1, table, len(parts) + 1, trailer, len(made))
    )


# container, video codec, audio codec
FILMS = {
    "mp4": ("libx264", "aac"),
    "mov": ("libx264", "aac"),
    "3gp": ("h263", "aac"),
    "webm": ("libvpx", "libopus"),
}
SOUNDS = {"mp3": "libmp3lame", "ipod": "aac", "ogg": "libopus", "wav": "pcm_s16le", "adts": "aac"}


def film(form: str = "mp4", *, seconds: float = 1.0, size: tuple[int, int] = (176, 144)) -> bytes:
    """A moving square and a tone, with a title, an author and a place."""
    picture, sound = FILMS[form]
    made = BytesIO()
    with av.open(made, "w", format=form) as out:
        _describe(out)
        track = out.add_stream(picture, rate=10)
        track.width, track.height = size
        track.pix_fmt = "yuv420p"
        track.metadata["title"] = PLANTED
        tone = out.add_stream(sound, rate=48_000 if form == "webm" else 44_100)
        for number in range(max(1, int(seconds * 10))):
            frame = av.VideoFrame.from_image(drawn(*size))
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(track.encode(frame))
        out.mux(track.encode(None))
        _play(out, tone, seconds)
    return made.getvalue()


def sound(form: str = "mp3", *, seconds: float = 1.0) -> bytes:
    made = BytesIO()
    with av.open(made, "w", format=form) as out:
        _describe(out)
        _play(out, out.add_stream(SOUNDS[form], rate=48_000), seconds)
    return made.getvalue()


def amr(frames: int = 50) -> bytes:
    """One second of silence as a simple telephone records it; FFmpeg writes none of these."""
    return b"#!AMR\n" + (b"\x04" + bytes(12)) * frames


def _describe(out) -> None:
    out.metadata.update(
        {"title": PLANTED, "artist": PLANTED, "comment": PLANTED, "location": "+17.8785+102.7413/"}
    )


def _play(out, track, seconds: float) -> None:
    rate = track.rate
    resampler = av.AudioResampler(
        format=track.format.name,
        layout=track.layout,
        rate=rate,
        frame_size=track.frame_size or None,
    )
    tone = array("h", (round(9_000 * math.sin(at / 20)) for at in range(int(rate * seconds))))
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(tone))
    frame.planes[0].update(tone.tobytes())
    frame.rate, frame.pts = rate, 0
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        out.mux(track.encode(part))
    out.mux(track.encode(None))


def png_that_claims(width: int, height: int, *, content: bytes = b"") -> bytes:
    """A PNG of which the header says how large it is, and the rest may be anything."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", content)
        + chunk(b"IEND", b"")
    )


def pdf_with_a_bomb() -> bytes:
    """A page with a picture that is a few kilobytes here and gigabytes when it is unpacked."""
    packed = zlib.compress(bytes(30_000_000), 9)
    picture = stream(
        packed,
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB"
        b" /BitsPerComponent 8 /Filter /FlateDecode ",
    )
    return bound_together(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 200] >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R"
            b" /Resources << /XObject << /I 5 0 R >> >> >>",
            stream(b"q 300 0 0 200 0 0 cm /I Do Q"),
            picture,
        ]
    )


def read_pdf(content: bytes) -> pdfium.PdfDocument:
    return pdfium.PdfDocument(content)
