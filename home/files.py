"""Where editors' files lie: originals, which have no address, and renditions, which do.

A rendition is named after its content. So its address may be kept for ever, tells nothing of the
name that somebody's file had, and cannot be guessed. Report attachments never come here.
"""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import FileSystemStorage

# Storage adds "_" and seven characters when two renditions are the same to the last byte.
RENDITION = re.compile(r"images/[0-9a-f]{32}(_\w{7})?\.(?P<kind>avif|gif|ico|jpg|png|webp)")


class NoAddressMixin:
    """Originals are read by this program alone."""

    def url(self, name: str | None) -> str:
        """Raises NotImplementedError, by which Wagtail's views know such storage."""
        raise NotImplementedError("Originals have no address of their own.")


class NamedByContentMixin:
    """Renditions are saved under a digest of their content."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        content.seek(0)
        digest = hashlib.file_digest(content, "sha256").hexdigest()[:32]
        content.seek(0)
        path = PurePosixPath(name or "")
        named = path.with_name(digest + path.suffix.lower())
        return super().save(str(named), content, max_length)  # type: ignore[misc]


class OriginalsInFolder(NoAddressMixin, FileSystemStorage):
    pass


class RenditionsInFolder(NamedByContentMixin, FileSystemStorage):
    pass
