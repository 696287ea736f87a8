"""Where a request comes from, as little of it as a purpose needs, and never kept as it is."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The peer, or what the outermost of our own proxies says about its peer."""
    peer = request.META.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return peer
    header = request.headers.get("X-Forwarded-For", "")
    told = [part.strip() for part in header.split(",") if part.strip()]
    # Counted from the end: what stands before it was written by the visitor.
    return told[-settings.TRUSTED_PROXIES] if len(told) >= settings.TRUSTED_PROXIES else peer


def network_of(address: str, *, v4: int, v6: int) -> str:
    """The network of so many bits in which an address lies; what is no address stays as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = v4 if found.version == 4 else v6
    return str(ipaddress.ip_network(f"{found}/{bits}", strict=False))
