"""The servers that `make test` starts beside the database."""

import os
from urllib.parse import urlsplit

import pytest


@pytest.mark.skipif("TEST_REDIS_URL" not in os.environ, reason="make test starts a Redis")
def test_a_redis_keeps_what_it_is_given():
    import redis

    client = redis.Redis.from_url(os.environ["TEST_REDIS_URL"])
    client.set("planted", "kept", ex=5)
    assert client.get("planted") == b"kept"


@pytest.mark.skipif("TEST_STORAGE_URL" not in os.environ, reason="make test starts S3 storage")
def test_a_bucket_keeps_what_it_is_given():
    import boto3

    url = urlsplit(os.environ["TEST_STORAGE_URL"])
    bucket = boto3.resource(
        "s3",
        endpoint_url=f"http://{url.hostname}:{url.port}",
        aws_access_key_id=url.username,
        aws_secret_access_key=url.password,
        region_name="us-east-1",
    ).Bucket(url.path.strip("/"))
    bucket.put_object(Key="planted", Body=b"kept")
    assert bucket.Object("planted").get()["Body"].read() == b"kept"
