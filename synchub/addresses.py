"""Who is at the other end of a request, past the proxies that the hub trusts and no others.

A proxy appends the address that it was asked from to `X-Forwarded-For`. So the list is true from its right end for as
long as the one who wrote an entry is trusted; what stands further left, anybody may have made up.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Network = IPv4Network | IPv6Network

# One customer of an IPv6 provider has at least so many bits to choose addresses from.
_ONE_CUSTOMER = 64


def client_address(request: HttpRequest) -> str:
    """The address of the client as text, without a port; what the server says where that is no address."""
    sent: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return seen_through(request.META.get("REMOTE_ADDR", ""), sent, settings.TRUSTED_PROXIES)


def unknown_proxy(request: HttpRequest) -> str:
    """Whoever passed this on for others, as it says, and is not believed: all of these have its address. Empty: nobody."""
    if not request.META.get("HTTP_X_FORWARDED_FOR"):
        return ""
    peer: str = request.META.get("REMOTE_ADDR", "")
    address = bare(peer) or peer
    return "" if is_within(address, settings.TRUSTED_PROXIES) else address


def seen_through(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The first address, from the peer on and then from the right, that is no trusted proxy's."""
    address = bare(peer) or peer
    hops = forwarded_for.split(",") if trusted and forwarded_for else []
    while hops and is_within(address, trusted):
        hop = bare(hops.pop())
        if not hop:  # “unknown”, or nonsense: the proxy that passed it on is as far as can be told
            break
        address = hop
    return address


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """The address in its one spelling; empty where the text is none. A port and brackets are left out."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    inside = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(inside or found)


def is_within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


@lru_cache(maxsize=4096)
def household(address: str) -> str:
    """What requests are counted by: an IPv4 address, the network of one customer in IPv6."""
    if ":" not in address:
        return address
    return str(ip_network((address, _ONE_CUSTOMER), strict=False))


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Raises ValueError, with the text at fault, where one is no network."""
    return tuple(ip_network(text.strip(), strict=False) for text in texts)
