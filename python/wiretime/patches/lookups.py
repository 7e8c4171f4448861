# Names that were looked up and not connected to yet. In: results of getaddrinfo. Out: for a connect, the name and how long it took.
# Kept by request, because loops look names up in another thread. Bounded: the oldest are forgotten.

from __future__ import annotations

from ..context import current_context
from .connections import plain_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LIMIT = 1000


class Lookup:
    __slots__ = ("end", "host", "start")

    def __init__(self, host: str, start: int, end: int) -> None:
        self.host = host
        # ns.
        self.start = start
        self.end = end


_lookups: dict[tuple[int, str, int], Lookup] = {}


def note(host: Any, results: Any, start: int, end: int) -> None:
    """`getaddrinfo` gave these results for the name."""
    if isinstance(host, bytes):
        host = host.decode("utf-8", "replace")
    if not isinstance(host, str):
        return
    lookup = Lookup(host, start, end)
    request = current_context().request
    for result in results:
        address = result[4]
        if address[0] != host:
            _keep((request, plain_address(address[0]), int(address[1])), lookup)


def _keep(key: tuple[int, str, int], lookup: Lookup) -> None:
    while len(_lookups) >= LIMIT:
        _lookups.pop(next(iter(_lookups)), None)
    _lookups[key] = lookup


def take(address: str, port: int) -> Lookup | None:
    """The look-up that this connect was waiting for."""
    return _lookups.pop((current_context().request, address, port), None)
