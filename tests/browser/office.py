"""The staff side as production runs it: its settings, TLS at the shipped proxy, a name of its own.

A browser offers security keys to such a site only, never to an address in numbers.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from proxy import nginx
from tests.processes import GUNICORN, PASSWORD, Installation, fresh_database

HOST = "watch.example"
LOG = "site.log"
PEOPLE = {"officer": "officer", "newcomer": "officer", "hq": "hq"}
MAKE_PEOPLE = """
import json, sys
from home.models import User
from reporting.models import CoordinationCentre, Membership
from django.contrib.auth.models import Group
password, people = sys.argv[1], json.loads(sys.argv[2])
for name, role in people.items():
    person = User.objects.create_user(name, f"{name}@dopa.example", password)
    centre = None if role == "hq" else CoordinationCentre.objects.get(district__code="4301")
    Membership.objects.create(user=person, role=role, centre=centre)
    person.groups.add(*Group.objects.filter(name="Staff"))
"""


class Certificate:
    """A certificate that nobody vouches for but the browser of the test, by the key's hash."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        encoding = serialization.Encoding
        secret = key.private_bytes(
            encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.file = folder / "certificate.pem"
        self.file.write_bytes(made.public_bytes(encoding.PEM) + secret)
        public = key.public_key().public_bytes(
            encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.known_as = base64.b64encode(hashlib.sha256(public).digest()).decode()

    @property
    def browser_options(self) -> list[str]:
        """What makes Chromium find the host here and take its certificate for a good one."""
        return [
            f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={self.known_as}",
        ]


@contextmanager
def office(folder: Path, server: str, certificate: Certificate) -> Iterator[str]:
    """The address of a staff process behind the proxy, with an officer and somebody of HQ."""
    with fresh_database(server) as database_url:
        site = Installation(
            folder,
            database_url,
            DJANGO_SETTINGS_MODULE="tests.browser.production",
            ALLOWED_HOSTS=f"{HOST},127.0.0.1",  # the second: is it up?
            BASE_URL=f"https://{HOST}",
            TRUSTED_PROXIES="1",
            WEB_WORKERS="1",
        )
        site.prepare(with_demo=False)
        site.python(MAKE_PEOPLE, PASSWORD, json.dumps(PEOPLE))
        site.environment["ROLE"] = "staff"
        process = site.run(GUNICORN, folder / LOG)
        try:
            site.wait_until_up()
            own = [site.address.removeprefix("http://")]
            with nginx(
                public=own, staff=own, static=folder / "static", certificate=certificate.file
            ) as address:
                yield f"https://{HOST}:{address.rsplit(':', 1)[1]}"
        finally:
            process.stop()
