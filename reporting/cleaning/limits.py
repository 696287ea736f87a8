"""How much of a file is looked at. The settings' numbers, handed to the process that decodes."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    pixels: int  # of a photograph, and of each picture of a film
    edge: int  # length of a photograph afterwards
    film_edge: int  # of a film, and of a page
    film_seconds: int
    sound_seconds: int
    pages: int
    streams: int
    bytes: int  # of what is written
    memory: int
    cpu_seconds: int
    seconds: int  # on the clock, whatever the decoder does meanwhile

    def to_words(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_words(cls, words: str) -> "Limits":
        return cls(**json.loads(words))
