"""Makes the bucket for editors' files, where the storage has none yet."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Makes the private bucket of STORAGE_URL, unless it is there."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        if not settings.BUCKET:
            self.stdout.write("STORAGE_URL is not set: files lie in a folder.")
            return
        from botocore.exceptions import BotoCoreError, ClientError

        from home.bucket import PrivateBucket

        storage = PrivateBucket()
        client = storage.connection.meta.client
        try:
            if self._exists(client, storage.bucket_name):
                self.stdout.write("The bucket is there.")
                return
            client.create_bucket(Bucket=storage.bucket_name, **self._place(storage.region_name))
        except ClientError as error:  # by its code: its words may quote the signed request
            raise CommandError(f"Storage refused: {_code(error)}.") from None
        except BotoCoreError as error:
            raise CommandError(f"Storage does not answer ({type(error).__name__}).") from None
        self.stdout.write("The bucket was made.")

    def _exists(self, client: Any, name: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            client.head_bucket(Bucket=name)
        except ClientError as error:
            if _code(error) not in {"404", "NoSuchBucket"}:
                raise
            return False
        return True

    @staticmethod
    def _place(region: str) -> dict[str, Any]:
        """us-east-1 must not be named; every other region must."""
        if region == "us-east-1":
            return {}
        return {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _code(error: Any) -> str:
    return error.response.get("Error", {}).get("Code", "unknown")
