"""Downloads in two steps: ask the API where, then fetch from there without any credentials.

The second host is storage with a signed address: sending it our token would give the token away, and storage refuses it anyway.
The address is checked before it is followed: encrypted, and not inside a private network, unless the API itself is there
(an Enterprise Server in a company's network, an emulator on loopback).
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin, urlsplit

import aiohttp

from app.github.answers import LATER
from app.github.client import Client
from app.github.errors import Broken, NotThere, Refused, Unreachable, UnsafeAddress

TIMEOUT = aiohttp.ClientTimeout(total=180, connect=5, sock_read=30)
CHUNK = 1 << 16
_HOPS = 3
_TRIES = 2  # an address lives for a minute: a failed download asks for a new one


class Interrupted(Broken):
    """Storage failed, or its signed address ran out: worth one more try with a new address."""


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@asynccontextmanager
async def opened(client: Client, url: str) -> AsyncIterator[aiohttp.StreamReader]:
    """Ask where ``url`` is and open the download there; :class:`~app.github.errors.NotThere` if there is none (any more)."""
    location = await client.location(url)
    for _ in range(_HOPS):
        await check_address(location, client.wire.api_url)
        # Nothing of ours goes along: no token, and identity encoding so that caps count what is really sent.
        async with client.wire.session.get(
            location, headers={"accept-encoding": "identity"}, allow_redirects=False, timeout=TIMEOUT
        ) as response:
            if response.status == 200:
                yield response.content
                return
            if response.status not in (301, 302, 303, 307, 308) or "location" not in response.headers:
                raise _refused(url, response.status)
            location = urljoin(location, response.headers["location"])
    raise UnsafeAddress(f"{url}: more than {_HOPS} redirects")


async def again(tries: int, exc: Exception, url: str) -> None:
    """After a failed download: return to try once more with a new address, or raise what the caller should see."""
    if tries < _TRIES:
        return
    if isinstance(exc, Interrupted):
        raise exc
    raise Unreachable(LATER, f"GET {url}: download broke off ({type(exc).__name__})") from exc


def _refused(url: str, status: int) -> Exception:
    if status in (404, 410):
        return NotThere(url, gone=status == 410)
    if status >= 500 or status in (401, 403, 408, 429):  # 401 and 403: the signed address ran out
        return Interrupted(LATER, f"GET {url}: storage answered {status}")
    return Refused(f"GET {url}", "storage", status=status)


async def check_address(location: str, api_url: str) -> None:
    """Refuse an address that a download must not go to (:class:`~app.github.errors.UnsafeAddress`)."""
    target, api = urlsplit(location), urlsplit(api_url)
    if target.scheme != "https" and not (target.scheme == "http" == api.scheme and await _is_loopback(api.hostname)):
        raise UnsafeAddress(f"a download from {target.scheme}://{target.hostname} is not encrypted")
    if not target.hostname or target.username is not None:
        raise UnsafeAddress("a download address names no host, or holds a login")
    if target.hostname == api.hostname:
        return
    api_addresses = await addresses(api.hostname)
    for address in await addresses(target.hostname):
        if not may_fetch(address, api_addresses):
            raise UnsafeAddress(f"a download from {target.hostname} would go to {address}")


def may_fetch(address: Address, api_addresses: tuple[Address, ...]) -> bool:
    """Tell whether a download may go to an address: public ones, and of the others the kind that the API itself has."""
    if address.is_global and not address.is_multicast:
        return True
    if address.is_loopback:
        return any(api.is_loopback for api in api_addresses)
    ordinary = address.is_private and not (address.is_link_local or address.is_unspecified or address.is_multicast)
    return ordinary and any(api.is_private and not api.is_loopback for api in api_addresses)


async def addresses(host: str | None) -> tuple[Address, ...]:
    """The addresses behind a host's name."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as exc:
        raise Unreachable(LATER, f"{host} has no address") from exc
    return tuple(_unmapped(ipaddress.ip_address(str(entry[4][0]).partition("%")[0])) for entry in found)


def _unmapped(address: Address) -> Address:
    """An IPv4 address in IPv6 clothes is still that IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


async def _is_loopback(host: str | None) -> bool:
    return all(address.is_loopback for address in await addresses(host))
