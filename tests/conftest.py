"""What every test stands on: keys of its own, and places with people in them."""

import json
import logging
import os
import secrets
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from hypothesis import settings as hypothesis_settings

from home.remembered import forget_everything
from reporting import sealing
from tests.factories import CentreFactory, MembershipFactory

# A busy machine is not a bug, and what CI tries must not change from run to run.
hypothesis_settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("suite")


@pytest.fixture(autouse=True)
def empty_cache():
    """Wagtail remembers where sites are rooted, which the next test's database does not know."""
    cache.clear()
    forget_everything()


CENTRES = ("4301", "3801", "2706")


@pytest.fixture(scope="session")
def keyrings() -> tuple[dict, dict]:
    """(public, private): a key for HQ and for each centre of the tests."""
    public, private = {}, {}
    for name in (sealing.HQ, *CENTRES):
        public_key, private_key = sealing.new_key()
        public[name], private[name] = [public_key], [private_key]
    return public, private


@pytest.fixture(autouse=True)
def keys(settings, keyrings) -> None:
    """This process can seal and open, unless a test takes that away."""
    settings.REPORT_PUBLIC_KEYS, settings.REPORT_PRIVATE_KEYS = map(json.dumps, keyrings)


@pytest.fixture
def every_log(caplog, settings):
    """caplog, at every level, with the loggers that do not hand their records on."""
    caplog.set_level(logging.DEBUG)
    quiet = {"django.template", "django.db.backends"}  # whatever level the rest is set to
    loggers = [logging.getLogger(name) for name in settings.LOGGING["loggers"] if name not in quiet]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(caplog.handler)
        logger.setLevel(logging.DEBUG)
    logging.getLogger("django.request").warning("planted")
    assert "planted" in caplog.text
    yield caplog
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(caplog.handler)
        logger.setLevel(level)


@pytest.fixture
def nong_khai(db):
    """The centre of 4301, with a chief, a secretary, two officers and a coordinator."""
    return CentreFactory(district__code="4301", staffed=True)


@pytest.fixture
def bueng_kan(db):
    """The centre of 3801, staffed like Nong Khai's."""
    return CentreFactory(district__code="3801", staffed=True)


@pytest.fixture
def aranyaprathet(db):
    """The centre of 2706, staffed like Nong Khai's."""
    return CentreFactory(district__code="2706", staffed=True)


@pytest.fixture
def hq(db):
    """An HQ moderator."""
    return MembershipFactory(role="hq", centre=None).user


@pytest.fixture
def second_hq(db):
    return MembershipFactory(role="hq", centre=None).user


@pytest.fixture
def member():
    """member(centre, "chief") is the person who holds that role there."""

    def find(centre, role):
        return centre.memberships.filter(role=role).order_by("pk").first().user

    return find


@pytest.fixture
def storage_url():
    """The address of an empty bucket of a real S3-compatible server, of this test alone."""
    url = os.environ.get("TEST_STORAGE_URL")
    if not url:
        pytest.skip("Needs S3-compatible storage: `make test` starts it.")
    import boto3  # half a second that a run without storage need not wait

    address = urlsplit(url)
    bucket = boto3.resource(
        "s3",
        endpoint_url=f"http://{address.hostname}:{address.port}",
        aws_access_key_id=address.username,
        aws_secret_access_key=address.password,
        region_name="us-east-1",
    ).create_bucket(Bucket=f"test-{secrets.token_hex(8)}")
    yield address._replace(path=f"/{bucket.name}").geturl()
    bucket.objects.all().delete()
    bucket.delete()
