"""Where files lie: editors' originals, which have no address, and their renditions, which do.

A rendition is named after its content. So its address may be kept for ever, tells nothing of the
name that somebody's file had, and cannot be guessed. Files of reporters never come to either: they
lie apart, sealed (reporting.vault).
"""

import hashlib
import os
import re
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
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


class SealedInFolder(NoAddressMixin, FileSystemStorage):
    """Sealed pieces of reporters' files, for this process's user alone, in a folder apart."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "location": settings.EVIDENCE_ROOT,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
                **options,
            }
        )

    def _save(self, name: str, content: Any) -> str:
        """What was acknowledged survives a power cut."""
        saved = super()._save(name, content)  # type: ignore[misc]
        for path in (self.path(saved), os.path.dirname(self.path(saved))):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved
