"""One POST over HTTPS to an address of somebody else's choice, that cannot be turned inwards.

The name is looked up once, every address it has must be a public one, and the connection goes to
the address that was looked at: a name that points elsewhere a moment later gains nothing. Redirects
are not followed and proxies of the environment are not used.
"""

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from reporting.channels import TIMEOUT

PORTS = frozenset({443, 8443})


class Refused(ValueError):
    """An address that nothing is sent to; the message says why, and holds nothing of it."""


def checked(url: str) -> tuple[str, int, str]:
    """(host, port, path with query) of an address that may be posted to, as far as its words tell.

    Raises Refused.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise Refused("not an address") from None
    if parts.scheme != "https":
        raise Refused("only https")
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise Refused("not a plain address")
    if not url.isascii() or any(letter <= " " for letter in url):
        raise Refused("not a plain address")
    if port not in PORTS:
        raise Refused("not a port for https")
    return parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def public_address(host: str, port: int) -> str:
    """The IP address to connect to. Raises Refused when any of the host's is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OSError("name not found") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise Refused("not a public address")
    return addresses[0]


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inside:
            return False  # an address of the other kind in disguise
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return ip.is_global and not ip.is_multicast


class _Pinned(http.client.HTTPSConnection):
    """A connection to one IP address whose certificate must be that of the host's name."""

    def __init__(self, host: str, port: int, *, address: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=TIMEOUT, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def context() -> ssl.SSLContext:
    """How certificates are checked: by the system's authorities."""
    return ssl.create_default_context()


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; its words are not read. Raises Refused, or OSError."""
    host, port, path = checked(url)
    address = public_address(host, port)
    connection = _Pinned(host, port, address=address, context=context())
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from None
    finally:
        connection.close()
