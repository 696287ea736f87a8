"""The environment, read once, with a clear failure when something is missing."""

import os
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROLES = ("public", "staff", "worker", "all")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str) -> str:
    """The value of a variable that this process cannot run without."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def whole(name: str, default: int) -> int:
    """A whole number of nought or more."""
    value = text(name) or str(default)
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number.")
    return int(value)


def flag(name: str) -> bool:
    return text(name).lower() in {"1", "true", "yes", "on"}


def mail_server(name: str) -> tuple[str, str, int, str, str, bool]:
    """Backend, host, port, user, password and whether TLS comes first, of an smtp:// address."""
    url = urlsplit(text(name))
    if not text(name):
        return ("django.core.mail.backends.dummy.EmailBackend", "", 0, "", "", False)
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise ImproperlyConfigured(f"{name} must be smtp://user:password@host:587 or smtps://….")
    is_tls = url.scheme == "smtps"
    return (
        "django.core.mail.backends.smtp.EmailBackend",
        url.hostname,
        url.port or (465 if is_tls else 587),
        unquote(url.username or ""),
        unquote(url.password or ""),
        is_tls,
    )


def server(name: str, default: str) -> str:
    """The address of a server that is sent a secret: by https, or http inside one machine."""
    address = text(name, default).rstrip("/")
    url, _port, options = _address(address)
    is_inside = url.hostname in {"127.0.0.1", "localhost", "::1"}
    is_safe = url.scheme == "https" or (url.scheme == "http" and is_inside)
    if not (is_safe and url.hostname) or url.username or url.fragment or options:
        raise ImproperlyConfigured(f"{name} must be https://host, or http:// inside one machine.")
    return address


def _address(words: str) -> tuple[SplitResult, int | None, dict[str, str]]:
    """An address with its port and options; an empty one when it cannot be read."""
    try:
        url = urlsplit(words)
        return url, url.port, dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        return urlsplit(""), None, {}


def bucket(name: str) -> dict[str, Any]:
    """What opens the bucket of s3://key:secret@host:port/bucket?region=…&insecure=1; {} when unset.

    `insecure=1` speaks plain HTTP: inside one machine, and in tests. No error quotes the address,
    because it holds a secret.
    """
    if not text(name):
        return {}
    url, port, options = _address(text(name))
    bucket_name = url.path.strip("/")
    is_whole = url.hostname and url.username and url.password and bucket_name
    if (
        url.scheme != "s3"
        or not is_whole
        or "/" in bucket_name
        or url.fragment
        or options.keys() - {"region", "insecure"}
        or options.get("insecure", "1") != "1"
    ):
        raise ImproperlyConfigured(
            f"{name} must be s3://key:secret@host:port/bucket, with ?region=… and ?insecure=1 "
            "where needed; characters such as / and @ in the secret are written as %2F and %40."
        )
    host = f"[{url.hostname}]" if ":" in str(url.hostname) else url.hostname
    return {
        "access_key": unquote(url.username or ""),
        "secret_key": unquote(url.password or ""),
        "bucket_name": bucket_name,
        "endpoint_url": f"{'http' if 'insecure' in options else 'https'}://{host}"
        + (f":{port}" if port else ""),
        "region_name": options.get("region", "us-east-1"),
    }


def search_server(name: str) -> dict[str, Any]:
    """What reaches OpenSearch at https://user:password@host:port?ca=/path; {} when unset.

    `ca` names the certificate of an authority of one's own. No error quotes the address, because
    it holds a secret.
    """
    if not text(name):
        return {}
    url, port, options = _address(text(name))
    is_tls = url.scheme == "https"
    if (
        url.scheme not in {"https", "http"}
        or not url.hostname
        or bool(url.username) != bool(url.password)
        or url.fragment
        or options.keys() - ({"ca"} if is_tls else set())
    ):
        raise ImproperlyConfigured(
            f"{name} must be https://user:password@host:port, with ?ca=/path/to/ca.pem where "
            "needed, or http:// inside one machine; characters such as / and @ in the password "
            "are written as %2F and %40."
        )
    server: dict[str, Any] = {
        "host": url.hostname,
        "port": port or (443 if is_tls else 80),
        "url_prefix": url.path.strip("/"),
        "use_ssl": is_tls,
        "verify_certs": is_tls,
    }
    if url.username:
        server["http_auth"] = [unquote(url.username), unquote(url.password or "")]
    if "ca" in options:
        server["ca_certs"] = options["ca"]
    return server


def choice(name: str, default: str, choices: list[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}.")
    return value


def role() -> str:
    """Which part of the system this process is: it serves the public, staff, tasks, or all."""
    value = text("ROLE", "all")
    if value not in ROLES:
        raise ImproperlyConfigured(f"ROLE must be one of {', '.join(ROLES)}.")
    if value == "public" and text("REPORT_PRIVATE_KEYS"):
        raise ImproperlyConfigured(
            "ROLE=public must not be given REPORT_PRIVATE_KEYS: the public process can seal "
            "reports, and must never be able to open one."
        )
    return value
