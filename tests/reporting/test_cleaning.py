"""What comes out of cleaning a file: what is seen and heard, and nothing else that was in it."""

import os
import struct
import time
from io import BytesIO

import av
import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from reporting.cleaning import run
from reporting.cleaning.outcomes import Kind, Reason, Unusable
from tests.reporting import made_files
from tests.reporting.made_files import FILMS, SOUNDS, SPELLINGS, film, pdf, photo, read_pdf, sound

PHOTOS = ["JPEG", "PNG", "WEBP", "HEIF"]
TAKEN_SOUNDS = [form for form in SOUNDS if form != "adts"]


def cleaned(content: bytes) -> tuple[Kind, bytes]:
    """What becomes of a file. Raises Unusable."""
    source = run.in_memory("source")
    try:
        os.write(source, content)
        copy = run.clean(source)
        try:
            return copy.kind, os.pread(copy.file, copy.size, 0)
        finally:
            os.close(copy.file)
    finally:
        os.close(source)


def refusal(content: bytes) -> Reason | None:
    """Why a file cannot be used; None when it can."""
    try:
        cleaned(content)
    except Unusable as unusable:
        return unusable.reason
    return None


def assert_nothing_planted(content: bytes) -> None:
    assert not any(spelling in content for spelling in SPELLINGS)


def colours(picture: Image.Image) -> list[str]:
    """Of the four corners, from the top left by rows."""
    names = {(True, False, False): "red", (False, False, False): "green"}
    names |= {(False, False, True): "blue", (True, True, True): "white"}
    width, height = picture.size
    places = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    found = []
    for place in places:
        red, green, blue = picture.getpixel(place)
        found.append(names[red > 128, green > 160, blue > 128])
    return found


UPRIGHT = ["red", "green", "blue", "white"]
TURNED_RIGHT = ["blue", "red", "white", "green"]


# --- What is kept, and what is not ----------------------------------------------------------------


@pytest.mark.parametrize("form", PHOTOS)
def test_a_photograph_keeps_its_looks_and_loses_every_word_and_place(form):
    content = photo(form)
    assert SPELLINGS[0] in content
    kind, copy = cleaned(content)
    assert kind == Kind.PHOTO
    assert_nothing_planted(copy)
    picture = Image.open(BytesIO(copy))
    assert (picture.format, picture.size, colours(picture)) == ("JPEG", (64, 48), UPRIGHT)
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photograph_is_upright_though_the_note_that_says_so_is_gone(form):
    _, copy = cleaned(photo(form, orientation=6))
    picture = Image.open(BytesIO(copy))
    assert picture.size == (48, 64)
    assert colours(picture) == TURNED_RIGHT


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_a_picture_of_any_make_becomes_a_photograph(mode):
    made = BytesIO()
    form = "JPEG" if mode == "CMYK" else "PNG"
    (made_files.drawn().convert("L").convert("I").convert(mode) if mode == "I;16"
     else made_files.drawn(mode=mode)).save(made, form)  # fmt: skip
    _, copy = cleaned(made.getvalue())
    assert Image.open(BytesIO(copy)).mode == "RGB"


def test_a_large_photograph_is_made_smaller():
    _, copy = cleaned(photo(size=(6_000, 3_000)))
    assert Image.open(BytesIO(copy)).size == (4_000, 2_000)


def test_a_pdf_is_the_looks_of_its_pages_and_nothing_else():
    content = pdf(pages=3)
    assert SPELLINGS[0] in content
    kind, copy = cleaned(content)
    assert kind == Kind.PDF
    assert_nothing_planted(copy)
    for word in (b"JavaScript", b"/OpenAction", b"/EmbeddedFile", b"/Metadata", b"/Author", b"/AF"):
        assert word in content
        assert word not in copy
    opened = read_pdf(copy)
    assert len(opened) == 3
    assert opened[0].get_size() == (300, 200)
    assert not any(opened.get_metadata_dict().values())  # not even when the copy was made
    assert opened[0].get_textpage().get_text_range() == ""
    darkest = min(opened[0].render().to_pil().convert("L").getextrema())
    assert darkest < 100  # what was written on the page is still to be seen


@pytest.mark.parametrize("form", FILMS)
def test_a_film_plays_and_tells_no_title_and_no_place(form):
    content = film(form)
    assert SPELLINGS[0] in content
    kind, copy = cleaned(content)
    assert kind == Kind.VIDEO
    assert_nothing_planted(copy)
    assert b"+17.8785" not in copy
    made_at = copy.index(b"mvhd") + 8
    assert copy[made_at : made_at + 8] == bytes(8)  # neither when it was filmed nor when it came
    with av.open(BytesIO(copy)) as opened:
        assert [one.type for one in opened.streams] == ["video", "audio"]
        assert opened.streams.video[0].codec.name == "h264"
        assert opened.streams.audio[0].codec.name == "aac"
        assert 0.8 < opened.duration / av.time_base < 1.3
        assert not opened.chapters()
        assert "title" not in opened.metadata
        pictures = [frame.to_image() for frame in opened.decode(video=0)]
    assert len(pictures) == 10
    assert colours(pictures[0]) == UPRIGHT


def test_a_film_stands_upright_as_the_phone_was_held():
    content = film("mp4")
    at = content.index(b"tkhd") + 4 + 40  # the first track's matrix
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    _, copy = cleaned(content[:at] + turned + content[at + 36 :])
    with av.open(BytesIO(copy)) as opened:
        picture = next(opened.decode(video=0))
    assert (picture.width, picture.height, picture.rotation) == (144, 176, 0)
    assert colours(picture.to_image()) == TURNED_RIGHT


@pytest.mark.parametrize("form", TAKEN_SOUNDS)
def test_a_recording_plays_and_tells_no_artist(form):
    content = sound(form)
    assert SPELLINGS[0] in content
    kind, copy = cleaned(content)
    assert kind == Kind.AUDIO
    assert_nothing_planted(copy)
    with av.open(BytesIO(copy)) as opened:
        assert [one.codec.name for one in opened.streams] == ["aac"]
        assert 0.9 < opened.duration / av.time_base < 1.2


def test_a_recording_of_a_simple_telephone_plays():
    kind, copy = cleaned(made_files.amr())
    assert kind == Kind.AUDIO
    with av.open(BytesIO(copy)) as opened:
        assert 0.9 < opened.duration / av.time_base < 1.2


# --- What cannot be used --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.UNKNOWN),
        (b"\xff", Reason.UNKNOWN),
        (b"<html><script>alert(1)</script></html>", Reason.UNKNOWN),
        (b"GIF89a/*" + bytes(60) + b"*/=1;alert(1)", Reason.UNKNOWN),
        (b"PK\x03\x04" + bytes(100), Reason.UNKNOWN),
        (b"MZ" + bytes(100), Reason.UNKNOWN),
        (b"#!/bin/sh\nid\n", Reason.UNKNOWN),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Reason.UNKNOWN),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", Reason.UNKNOWN),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", Reason.UNKNOWN),
        (b"\xff\xd8\xff" + b"no photograph" * 9, Reason.DAMAGED),
        (b"%PDF-1.7\nno pages", Reason.DAMAGED),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), Reason.DAMAGED),
        (b"ID3" + bytes(100), Reason.DAMAGED),
        (b"OggS" + bytes(100), Reason.DAMAGED),
        (b"\x1a\x45\xdf\xa3....webm" + bytes(100), Reason.DAMAGED),
    ],
)
def test_what_is_no_photograph_film_sound_or_pdf_is_refused(content, reason):
    assert refusal(content) == reason


@pytest.mark.parametrize("form", PHOTOS)
def test_a_photograph_that_was_cut_off_is_refused(form):
    content = photo(form, size=(800, 600))
    assert refusal(content[: len(content) * 2 // 3]) == Reason.DAMAGED


def test_a_pdf_that_was_cut_off_before_its_pages_is_refused():
    content = pdf()
    assert refusal(content[: content.index(b"2 0 obj")]) == Reason.DAMAGED


@pytest.mark.parametrize("form", FILMS)
def test_a_film_that_was_cut_off_is_refused_or_kept_as_far_as_it_goes(form):
    content = film(form, seconds=3)
    half = content[: len(content) // 2]
    if refusal(half) is None:
        with av.open(BytesIO(cleaned(half)[1])) as opened:
            assert 0 < opened.duration / av.time_base <= 3.2
    else:
        assert refusal(half) == Reason.DAMAGED


@pytest.mark.parametrize("size", [(60_000, 60_000), (8_000, 7_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_claims_to_be_enormous_is_not_drawn(size):
    started = time.monotonic()
    reason = refusal(made_files.png_that_claims(*size, content=b"x"))
    assert reason in {Reason.TOO_LARGE, Reason.DAMAGED}
    assert time.monotonic() - started < 20


def test_a_bomb_within_the_claimed_size_is_bounded_by_the_process(settings):
    settings.EVIDENCE = settings.EVIDENCE | {
        "limits": settings.EVIDENCE["limits"] | {"memory": 300 * 1024 * 1024}
    }
    assert refusal(photo("PNG", size=(7_000, 7_000))) in {Reason.TOO_HEAVY, Reason.DAMAGED}
    assert refusal(photo("PNG")) is None


def test_a_bomb_inside_a_pdf_harms_nobody():
    started = time.monotonic()
    assert refusal(made_files.pdf_with_a_bomb()) in {None, Reason.DAMAGED, Reason.TOO_HEAVY}
    assert time.monotonic() - started < 60


def test_more_pages_than_anybody_reads_are_refused():
    assert refusal(pdf(pages=41)) == Reason.TOO_LONG


def test_a_page_as_large_as_a_field_is_refused_or_drawn_small():
    content = pdf(pages=1).replace(b"[0 0 300 200]", b"[0 0 9999999 9999999]")
    assert refusal(content) in {Reason.TOO_LARGE, Reason.DAMAGED}
    _, copy = cleaned(pdf(pages=1).replace(b"[0 0 300 200]", b"[0 0 14000 14000]"))
    assert len(copy) < 1_000_000


def test_a_recording_of_hours_is_refused(settings):
    settings.EVIDENCE = settings.EVIDENCE | {
        "limits": settings.EVIDENCE["limits"] | {"film_seconds": 2, "sound_seconds": 3}
    }
    assert refusal(film(seconds=1)) is None
    assert refusal(film(seconds=3)) == Reason.TOO_LONG
    assert refusal(sound("ogg", seconds=2)) is None
    assert refusal(sound("ogg", seconds=5)) == Reason.TOO_LONG
    assert refusal(made_files.amr(frames=50 * 5)) == Reason.TOO_LONG


def test_a_film_of_enormous_pictures_is_refused(settings):
    settings.EVIDENCE = settings.EVIDENCE | {
        "limits": settings.EVIDENCE["limits"] | {"pixels": 10_000}
    }
    assert refusal(film(size=(176, 144))) == Reason.TOO_LARGE


def test_more_tracks_than_a_phone_records_are_refused(settings):
    settings.EVIDENCE = settings.EVIDENCE | {"limits": settings.EVIDENCE["limits"] | {"streams": 1}}
    assert refusal(film()) == Reason.TOO_LONG


def test_a_file_that_takes_too_long_is_given_up(settings):
    settings.EVIDENCE = settings.EVIDENCE | {
        "limits": settings.EVIDENCE["limits"] | {"seconds": 0.05}
    }
    assert refusal(film()) == Reason.TOO_HEAVY


def test_a_copy_larger_than_allowed_is_not_kept(settings):
    settings.EVIDENCE = settings.EVIDENCE | {
        "limits": settings.EVIDENCE["limits"] | {"bytes": 5_000}
    }
    assert refusal(film(seconds=3)) in {Reason.DAMAGED, Reason.TOO_HEAVY}


# --- Files that are two things at once ------------------------------------------------------------

SCRIPT = b"<script>alert(document.domain)</script>"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo("JPEG") + SCRIPT, Kind.PHOTO),
        (photo("PNG") + b"PK\x03\x04" + SCRIPT, Kind.PHOTO),
        (pdf() + b"PK\x05\x06" + SCRIPT, Kind.PDF),
        (film() + SCRIPT, Kind.VIDEO),
        (sound("mp3") + SCRIPT, Kind.AUDIO),
    ],
)
def test_of_two_things_in_one_file_the_second_does_not_go_on(content, kind):
    made, copy = cleaned(content)
    assert made == kind
    assert b"<script" not in copy
    assert b"PK\x03\x04" not in copy


def test_a_film_names_no_other_file_to_be_read(tmp_path):
    """A QuickTime track whose data lie elsewhere is not followed there."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"TOP-SECRET" * 1000)
    content = film("mov").replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")
    try:
        _, copy = cleaned(content)
    except Unusable:
        return
    assert b"TOP-SECRET" not in copy


# --- The process that decodes ---------------------------------------------------------------------


def test_the_process_that_decodes_is_given_no_secret(monkeypatch):
    monkeypatch.setenv("REPORT_PRIVATE_KEYS", "AGE-SECRET-KEY-1")
    monkeypatch.setenv("SECRET_KEY", "secret")
    seen = {}
    real = run.subprocess.Popen

    def popen(*args, **kwargs):
        seen.update(kwargs)
        seen["words"] = args[0]
        return real(*args, **kwargs)

    monkeypatch.setattr(run.subprocess, "Popen", popen)
    assert refusal(photo()) is None
    assert set(seen["env"]) == {"PYTHONDONTWRITEBYTECODE", "LC_ALL", "MALLOC_ARENA_MAX"}
    assert len(seen["pass_fds"]) == 2
    assert "secret" not in " ".join(seen["words"]).lower()


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os; os.kill(os.getpid(), 11)", Reason.DAMAGED),
        ("import os; os.kill(os.getpid(), 9)", Reason.TOO_HEAVY),
        ("print('photo')", Reason.DAMAGED),  # it wrote nothing
        ("print('<script>')", Reason.DAMAGED),
        ("raise SystemExit(3)", Reason.DAMAGED),
        ("import time; time.sleep(60)", Reason.TOO_HEAVY),
        ("while True: print('x' * 1000)", Reason.TOO_HEAVY),
    ],
)
def test_whatever_the_process_does_is_a_refusal(settings, monkeypatch, tmp_path, program, reason):
    settings.EVIDENCE = settings.EVIDENCE | {"limits": settings.EVIDENCE["limits"] | {"seconds": 3}}
    (tmp_path / "reporting" / "cleaning").mkdir(parents=True)
    (tmp_path / "reporting" / "__init__.py").touch()
    (tmp_path / "reporting" / "cleaning" / "__init__.py").touch()
    (tmp_path / "reporting" / "cleaning" / "__main__.py").write_text(program)
    settings.BASE_DIR = tmp_path
    assert refusal(photo()) == reason


def test_nothing_is_left_open_and_nothing_runs_on():
    before = len(os.listdir("/proc/self/fd"))
    for content in (photo(), b"", b"\xff\xd8\xff"):
        refusal(content)
    assert len(os.listdir("/proc/self/fd")) == before


SEEDS = [photo(form) for form in PHOTOS]
SEEDS += [pdf(1), film("mp4", seconds=0.3), sound("ogg", seconds=0.3)]
CHANGES = st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=8)), max_size=20)


@st.composite
def mutated(draw) -> bytes:
    """A real file with some of its bytes replaced."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for place, piece in draw(CHANGES):
        at = place % len(content)
        content[at : at + len(piece)] = piece
    return bytes(content)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=300), mutated()))
def test_whatever_arrives_is_cleaned_or_refused_within_its_bounds(content):
    started = time.monotonic()
    if refusal(content) is None:
        assert 0 < len(cleaned(content)[1]) <= django_settings.EVIDENCE["limits"]["bytes"]
    assert time.monotonic() - started < 60
