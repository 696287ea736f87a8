"""The captcha: digits in a picture, or a small sum in words for who cannot see it.

Each is a row of django-simple-captcha's CaptchaStore. A wrong answer deletes the row; a right
answer on a form that has other mistakes is kept, so that nobody solves it twice. Filing a report
spends the row, which then stands for a few minutes: as long as it does, the same form sent again
over a bad line may be shown its receipt again. A form that asks nothing carries a pass instead,
which becomes such a row when its report is filed.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from io import BytesIO

from captcha.models import CaptchaStore
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from search.words import ascii_digits

PICTURE, QUESTION = "picture", "question"
LARGEST_SUM = 18
WHITE_FROM = 160  # of 255 greys: keeps the strokes and the lines across them whole
# How what a spent row holds begins; no answer does, because white space is taken out of answers.
SPENT = "\n"
REPEAT_MINUTES = 10
# Rows of questions are told apart by their key: the library's own keys are hexadecimal.
QUESTION_PREFIX = "q"
PASS = re.compile(r"p[0-9a-f]{32}")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"

NUMBER_WORDS = [
    gettext_lazy("zero"),
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
    gettext_lazy("ten"),
    gettext_lazy("eleven"),
    gettext_lazy("twelve"),
    gettext_lazy("thirteen"),
    gettext_lazy("fourteen"),
    gettext_lazy("fifteen"),
    gettext_lazy("sixteen"),
    gettext_lazy("seventeen"),
    gettext_lazy("eighteen"),
]


class Verdict(Enum):
    RIGHT = auto()
    WRONG = auto()
    MISSING = auto()
    EXPIRED = auto()


# What is said beside the challenge that comes next.
WORDS = {
    Verdict.MISSING: gettext_lazy("Please answer this, so that we know you are a person."),
    Verdict.WRONG: gettext_lazy("That was not the answer. Please answer this new one."),
    Verdict.EXPIRED: gettext_lazy(
        "Too much time has passed for that one. Please answer this new one."
    ),
}


@dataclass(frozen=True)
class Captcha:
    """A challenge as the form shows it; one that is solved is carried along unseen."""

    key: str
    question: str = ""
    answer: str = ""

    @property
    def kind(self) -> str:
        return kind_of(self.key)

    @property
    def is_solved(self) -> bool:
        return bool(self.answer)

    @property
    def is_pass(self) -> bool:
        """Whether nothing is asked."""
        return is_pass(self.key)


def digits_challenge() -> tuple[str, str]:
    """Five digits; no letters, which readers of Lao or Khmer may not have on their keyboard."""
    digits = "".join(secrets.choice("0123456789") for _ in range(settings.CAPTCHA_LENGTH))
    return digits, digits


def sum_challenge() -> tuple[str, str]:
    """Two numbers of one digit; every sum is as likely as the next, so none is worth guessing."""
    total = 4 + secrets.randbelow(LARGEST_SUM - 3)
    least = max(1, total - 9)
    first = least + secrets.randbelow(min(9, total - 1) - least + 1)
    return f"{first}+{total - first}", str(total)


def new(kind: str) -> Captcha:
    """A fresh challenge."""
    if kind != QUESTION:
        return Captcha(CaptchaStore.generate_key())
    challenge, response = sum_challenge()
    row = CaptchaStore.objects.create(
        challenge=challenge, response=response, hashkey=QUESTION_PREFIX + secrets.token_hex(16)
    )
    return Captcha(row.hashkey, _in_words(challenge))


def new_pass() -> Captcha:
    """What a form carries that asks nothing; no row is made for it before a report is filed."""
    return Captcha("p" + secrets.token_hex(16))


def is_pass(key: str) -> bool:
    return PASS.fullmatch(key) is not None


def can_be_spent(key: str) -> bool:
    """Whether a form that is asked nothing can be filed with this key."""
    return is_pass(key) or _live(key).exists()


def shown_again(key: str) -> Captcha:
    """The challenge that somebody has not answered yet; a fresh one when its time has passed."""
    row = _live(key).exclude(response__startswith=SPENT).first()
    if row is None:
        return new(kind_of(key))
    return Captcha(key, _in_words(row.challenge) if kind_of(key) == QUESTION else "")


def after(verdict: Verdict, key: str) -> Captcha:
    """The challenge that follows an answer that was not right."""
    return shown_again(key) if verdict is Verdict.MISSING else new(kind_of(key))


def kind_of(key: str) -> str:
    return QUESTION if key.startswith(QUESTION_PREFIX) else PICTURE


@transaction.atomic
def check(key: str, answer: str) -> Verdict:
    """Judges an answer. A wrong one spends the challenge; a right one keeps it for a while.

    The row is locked, so that many guesses at once are one guess.
    """
    if not answer.strip():
        return Verdict.MISSING
    if _is_passed_in_test_mode(answer):
        return Verdict.RIGHT
    row = _live(key).exclude(response__startswith=SPENT).select_for_update().first()
    if row is None:
        return Verdict.EXPIRED
    if not secrets.compare_digest(_normalised(answer).encode(), row.response.encode()):
        row.delete()
        return Verdict.WRONG
    row.expiration = timezone.now() + timedelta(minutes=settings.CAPTCHA_TIMEOUT)
    row.save(update_fields=["expiration"])
    return Verdict.RIGHT


def spend(key: str, answer: str, *, token: str = "") -> bool:
    """Marks a solved challenge as used, by the form with this token; False when it was before.

    Waits for another transaction that is spending the same one. Whether a pass will do is for the
    caller to say.
    """
    if is_pass(key):
        return _spend_pass(key, token)
    spent = (
        CaptchaStore.objects.filter(hashkey=key)
        .exclude(response__startswith=SPENT)
        .update(
            response=_spent_by(token), expiration=timezone.now() + timedelta(minutes=REPEAT_MINUTES)
        )
    )
    return bool(spent) or (_is_passed_in_test_mode(answer) and not was_just_spent(key, token))


def _spend_pass(key: str, token: str) -> bool:
    until = timezone.now() + timedelta(minutes=REPEAT_MINUTES)
    row = {"challenge": SPENT, "response": _spent_by(token), "expiration": until}
    return CaptchaStore.objects.get_or_create(hashkey=key, defaults=row)[1]


def was_just_spent(key: str, token: str) -> bool:
    """Whether the form with this token was filed with this challenge in the last minutes."""
    return _live(key).filter(response=_spent_by(token)).exists()


def _spent_by(token: str) -> str:
    """Joined to no report: the database alone must not tell the minute in which one came."""
    digest = salted_hmac("reporting.captcha.spent", token, algorithm="sha256").hexdigest()
    return SPENT + digest[:30]  # the library's column holds 32


def lightened(png: bytes) -> bytes:
    """The picture in black and white: a tenth of the bytes for a slow line, and as easy to read."""
    with Image.open(BytesIO(png)) as picture:
        light = picture.convert("L").point(_black_or_white).convert("1")
    out = BytesIO()
    light.save(out, "PNG", optimize=True)
    return out.getvalue()


def _black_or_white(grey: int) -> int:
    return 255 if grey > WHITE_FROM else 0


def _live(key: str):
    return CaptchaStore.objects.filter(hashkey=key, expiration__gt=timezone.now())


def _is_passed_in_test_mode(answer: str) -> bool:
    is_demo = getattr(settings, "DEMO", False)
    return is_demo and settings.CAPTCHA_TEST_MODE and answer.strip().upper() == "PASSED"


def _normalised(answer: str) -> str:
    """Digits of any of the four scripts, or a number word of the reader's language, as digits."""
    text = "".join(ch for ch in ascii_digits(answer) if not ch.isspace() and ch not in INVISIBLE)
    words = {str(word): str(number) for number, word in enumerate(NUMBER_WORDS)}
    return words.get(text.lower(), text)


def _in_words(challenge: str) -> str:
    first, second = (NUMBER_WORDS[int(number)] for number in challenge.split("+"))
    return _("How much is %(first)s plus %(second)s?") % {"first": first, "second": second}
