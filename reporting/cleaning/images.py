"""A photograph, drawn anew: what is seen goes on, and nothing else that was in the file."""

import warnings
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageOps

from reporting.cleaning.limits import Limits
from reporting.cleaning.outcomes import Reason, Unusable

QUALITY = 88

pillow_heif.register_heif_opener(thumbnails=False)
# Between once and twice its limit Pillow only warns.
warnings.simplefilter("error", Image.DecompressionBombWarning)


def clean_image(source: BinaryIO, target: BinaryIO, reader: str, limits: Limits) -> None:
    """Writes a JPEG of the first picture in the file, upright and on white.

    Merely saving again would keep comments, and of HEIC the place.
    """
    Image.MAX_IMAGE_PIXELS = limits.pixels
    try:
        with Image.open(source, formats=[reader]) as picture:
            if picture.width * picture.height > limits.pixels:
                raise Unusable(Reason.TOO_LARGE)
            picture.draft("RGB", (limits.edge, limits.edge))  # JPEG is read smaller at once
            save_anew(ImageOps.exif_transpose(picture), target, edge=limits.edge)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(Reason.TOO_LARGE) from None


def save_anew(picture: Image.Image, target: BinaryIO, *, edge: int) -> None:
    """Its pixels in a new picture, at most `edge` long, as JPEG."""
    picture.thumbnail((edge, edge))
    is_clear = "A" in picture.getbands() or "transparency" in picture.info
    seen = picture.convert("RGBA") if is_clear else picture.convert("RGB")
    anew = Image.new("RGB", seen.size, "white")
    anew.paste(seen, mask=seen if is_clear else None)
    anew.save(target, "JPEG", quality=QUALITY, optimize=True)
