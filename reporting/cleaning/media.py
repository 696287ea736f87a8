"""Film and sound, encoded anew: one picture track and one sound track at most, and no words."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO

import av
from av.filter import Graph

from reporting.cleaning.limits import Limits
from reporting.cleaning.outcomes import Kind, Reason, Unusable

PER_SECOND = 30  # pictures of a film; phones that make more lose the others
CLOCK = Fraction(1, 1000)
SAMPLES = 48_000
BROKEN_ALLOWED = 50  # packets: a bad spot in a film does not cost the rest
TURNS = {90: ["cclock"], 180: ["clock", "clock"], 270: ["clock"]}


def clean_media(source: BinaryIO, target: BinaryIO, reader: str, limits: Limits) -> Kind:
    """Writes an MP4 of what plays, and says whether it is a film or sound alone.

    A recording that was cut off is kept as far as it goes. Read through this process's own file,
    so no other file and no address that it names is ever opened.
    """
    try:
        with av.open(source, format=reader, metadata_errors="ignore") as given:
            return _Copy(given, limits).write(target)
    except (av.FFmpegError, ValueError, IndexError):
        raise Unusable(Reason.DAMAGED) from None


class _Copy:
    def __init__(self, given: Any, limits: Limits) -> None:
        if len(given.streams) > limits.streams:
            raise Unusable(Reason.TOO_LONG)
        self.given, self.limits = given, limits
        pictures = [
            one
            for one in given.streams.video
            if not one.disposition & av.stream.Disposition.attached_pic
        ]
        self.film = pictures[0] if pictures else None
        self.sound = given.streams.audio[0] if given.streams.audio else None
        if not (self.film or self.sound):
            raise Unusable(Reason.DAMAGED)
        self.longest = limits.film_seconds if self.film else limits.sound_seconds
        if given.duration and given.duration / av.time_base > self.longest:
            raise Unusable(Reason.TOO_LONG)
        self.start = (given.start_time or 0) / av.time_base
        self.out: Any = None
        self.film_out: Any = None
        self.sound_out: Any = None
        self.graph: Any = None
        self.shape: tuple[Any, ...] = ()
        self.last = -1
        self.samples = 0
        self.resampler: Any = None

    def write(self, target: BinaryIO) -> Kind:
        options = {"fflags": "+bitexact"}
        with av.open(target, "w", format="mp4", options=options) as self.out:
            self._declare()
            for frame in self._frames():
                if isinstance(frame, av.VideoFrame):
                    self._add_picture(frame)
                else:
                    self._add_sound(frame)
            if self.last < 0 and not self.samples:
                raise Unusable(Reason.DAMAGED)
            self._flush()
        return Kind.VIDEO if self.last >= 0 else Kind.AUDIO

    def _declare(self) -> None:
        """The tracks of the copy, before anything is written: their sizes are known by header."""
        if self.film:
            context = self.film.codec_context
            self._check_size(context.width, context.height)
            self.film.thread_type = "NONE"
            context.thread_count = 1
            self.film_out = self.out.add_stream(
                "libx264", rate=PER_SECOND, options={"preset": "superfast", "crf": "24"}
            )
            self.film_out.pix_fmt = "yuv420p"
            self.film_out.codec_context.thread_count = 1
            self.film_out.codec_context.time_base = CLOCK
            self.film_out.time_base = CLOCK
        if self.sound:
            channels = self.sound.codec_context.channels
            layout = "mono" if channels == 1 else "stereo"
            self.sound_out = self.out.add_stream("aac", rate=SAMPLES, layout=layout)
            self.sound_out.bit_rate = 64_000 if channels == 1 else 96_000
            self.resampler = av.AudioResampler(
                format="fltp", layout=layout, rate=SAMPLES, frame_size=1024
            )

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self.limits.pixels:
            raise Unusable(Reason.TOO_LARGE)

    def _frames(self) -> Iterator[Any]:
        """Everything that can be decoded, in the order of the file."""
        broken = 0
        wanted = [one for one in (self.film, self.sound) if one]
        packets = self.given.demux(wanted)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:  # cut off in the middle
                return
            try:
                yield from packet.decode()
            except av.FFmpegError:
                broken += 1
                if broken > BROKEN_ALLOWED:
                    return

    def _moment(self, frame: Any) -> float:
        moment = max(0.0, (frame.time or 0.0) - self.start)
        if moment > self.longest:
            raise Unusable(Reason.TOO_LONG)
        return moment

    def _add_picture(self, frame: Any) -> None:
        self._check_size(frame.width, frame.height)
        moment = round(self._moment(frame) / CLOCK)
        if self.last >= 0 and moment < self.last + 1000 // (PER_SECOND + 3):
            return
        self.last = moment
        for drawn in self._upright(frame):
            drawn.pts, drawn.time_base = moment, CLOCK
            drawn.pict_type = av.video.frame.PictureType.NONE
            if not self.film_out.codec_context.is_open:
                self.film_out.width, self.film_out.height = drawn.width, drawn.height
            self.out.mux(self.film_out.encode(drawn))

    def _upright(self, frame: Any) -> Iterator[Any]:
        """The picture turned as the phone was held, and made to fit the copy."""
        shape = (frame.width, frame.height, frame.format.name, frame.rotation % 360)
        if shape != self.shape:
            self.graph, self.shape = self._make_graph(frame, frame.rotation % 360), shape
        self.graph.push(frame)
        yield self.graph.pull()

    def _make_graph(self, frame: Any, rotation: int) -> Any:
        turns = TURNS.get(rotation, [])
        width, height = frame.width, frame.height
        if rotation in {90, 270}:
            width, height = height, width
        if self.film_out.codec_context.is_open:
            size = self.film_out.width, self.film_out.height
        else:
            scale = min(1.0, self.limits.film_edge / max(width, height))
            size = (max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2))
        graph = Graph()
        graph.threads = 1
        last = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=CLOCK
        )
        for name, words in [
            *(("transpose", f"dir={turn}") for turn in turns),
            ("scale", f"{size[0]}:{size[1]}"),
            ("format", "yuv420p"),
            ("buffersink", None),
        ]:
            node = graph.add(name, words)
            last.link_to(node)
            last = node
        graph.configure()
        return graph

    def _add_sound(self, frame: Any) -> None:
        if not self.samples:
            self.samples = round(self._moment(frame) * SAMPLES)
        else:
            self._moment(frame)
        frame.pts = None
        self._encode_sound(self.resampler.resample(frame))

    def _encode_sound(self, frames: list[Any]) -> None:
        for frame in frames:
            if self.samples > self.longest * SAMPLES:
                raise Unusable(Reason.TOO_LONG)
            frame.pts, frame.time_base = self.samples, Fraction(1, SAMPLES)
            self.samples += frame.samples
            self.out.mux(self.sound_out.encode(frame))

    def _flush(self) -> None:
        if self.sound_out and self.samples:
            self._encode_sound(self.resampler.resample(None))
            self.out.mux(self.sound_out.encode(None))
        if self.film_out and self.last >= 0:
            self.out.mux(self.film_out.encode(None))
