"""The same three storages in a private bucket of S3-compatible storage (STORAGE_URL).

Apart from files.py, because importing boto3 takes longer than most of Django does.
"""

from typing import Any

from botocore.config import Config
from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from home.files import NamedByContentMixin, NoAddressMixin


class PrivateBucket(S3Storage):
    """Made without arguments: Wagtail puts those it was made with into the tasks that delete."""

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "default_acl": None,  # the bucket's own rule, which must be private
            "file_overwrite": False,
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},  # no DNS name for each bucket
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 3},
                # Servers other than Amazon's may not know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            **settings.BUCKET,
        }


class OriginalsInBucket(NoAddressMixin, PrivateBucket):
    pass


class RenditionsInBucket(NamedByContentMixin, PrivateBucket):
    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """An address on this site: the reader's phone speaks to nobody else."""
        return f"{settings.MEDIA_URL}{filepath_to_uri(name)}"


class SealedInBucket(NoAddressMixin, PrivateBucket):
    def get_default_settings(self) -> dict[str, Any]:
        return {**super().get_default_settings(), "location": "evidence"}
