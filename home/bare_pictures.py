"""Renditions without what a camera wrote into a photograph: place, time, owner, comments.

Willow carries EXIF over into what it saves, and Pillow a comment and XMP, so the position of a
village would be published with its picture.
"""

from willow.plugins.pillow import PillowImage
from willow.registry import registry

# How to show the picture, and nothing about how it came to be.
KEPT = {"icc_profile", "transparency"}


def turned_and_bare(image: PillowImage) -> PillowImage:
    """Turns the picture the right way up, for which EXIF is needed once, and forgets the rest."""
    picture = PillowImage.auto_orient(image).get_pillow_image().copy()
    picture.info = {name: value for name, value in picture.info.items() if name in KEPT}
    return PillowImage(picture)


def register() -> None:
    """Puts it in the place of Willow's own operation, with which every rendition begins."""
    registry.register_operation(PillowImage, "auto_orient", turned_and_bare)
