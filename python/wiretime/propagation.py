# To whom the trace of a request may be told. In: WIRETIME_PROPAGATE, hosts, headers of the application. Out: headers to add, mostly
# none. Hosts of our own by name or address; others only when they are listed; nobody when it is `off`. What has trace headers, or a
# signature that covers headers (AWS), is left as it is. Not here: where the headers are written (patches/).

from __future__ import annotations

import os
import re

from .context import current_context
from .trace import trace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .trace import Headers

# Answers are remembered.
HOST_LIMIT = 1000

_NAMES_AT_HOME = re.compile(r"\.(local|localhost|internal|svc|lan|home|intranet|test)$|\.svc\.")
# Loopback, private and unique local addresses (RFC 1918, RFC 4193). Link-local ones are not told: 169.254.169.254 and
# 169.254.170.2 give out credentials of clouds.
_ADDRESSES_AT_HOME = re.compile(
    r"(?:::ffff:)?(?:(127|10)\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+$|::1$|f[cd][0-9a-f]{2}:"
)

# Headers that say the application traces by itself, or signs what it sends, or waits for a word before it sends the rest.
# One search in the whole head: 0.3 µs, where looking at five headers one by one takes 5 (Python 3.11, Linux VM, 2026-11).
_TAKEN = re.compile(
    rb"\n(?:(?:traceparent|b3|x-b3-[^:\n]*|uber-trace-id|x-datadog-trace-id|sentry-trace|x-cloud-trace-context"
    rb"|x-amz[^:\n]*|expect):|authorization:\s*AWS4-)",
    re.I,
)
_SIGNED_TARGET = re.compile(r"[?&]x-amz-", re.I)


class Policy:
    def __init__(self, setting: str) -> None:
        """`setting`: `off`, or a list of hosts (`api.example.com`, `.example.com` for all below it, `*` for all)."""
        names = re.split(r"[\s,]+", setting.lower())
        self._is_off = "off" in names
        self._listed = [name[1:] if name.startswith("*.") else name for name in names if name]
        self._known: dict[str, bool] = {}

    def allows(self, authority: str) -> bool:
        """`authority`: a host with or without a port."""
        if self._is_off:
            return False
        is_allowed = self._known.get(authority)
        if is_allowed is None:
            if len(self._known) >= HOST_LIMIT:
                self._known.clear()
            is_allowed = self._known[authority] = self._decide(_host_of(authority.lower()))
        return is_allowed

    def _decide(self, host: str) -> bool:
        for name in self._listed:
            if name in ("*", host) or (name.startswith(".") and host.endswith(name)):
                return True
        return host != "" and _is_own(host)


def _host_of(authority: str) -> str:
    """Without port, and brackets around IPv6."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0] if authority.count(":") == 1 else authority


def _is_own(host: str) -> bool:
    is_plain_name = "." not in host and ":" not in host
    return is_plain_name or bool(_NAMES_AT_HOME.search(host) or _ADDRESSES_AT_HOME.match(host))


_policy: Policy | None = None
# Requests of clients that were asked about (own_cost.py).
asked = 0


def headers_for(target: str, host: str, head: bytes, connected: str = "") -> Headers:
    """
    What to add to a request for `target`: nothing where no request is running, or nobody must be told. `host`: its header. `head`:
    its headers, each behind a line feed. `connected`: the host that is really asked, as far as it is known; both must be allowed.
    """
    global _policy, asked
    asked += 1
    exchange = current_context().exchange
    # An absolute target goes to a proxy; `*` and authorities to nobody in particular.
    if exchange is None or not target.startswith("/") or _SIGNED_TARGET.search(target):
        return ()
    if _policy is None:
        _policy = Policy(os.environ.get("WIRETIME_PROPAGATE", ""))
    if not _policy.allows(host) or (connected and not _policy.allows(connected)) or forbids(head):
        return ()
    return trace_of(exchange).headers()


def forbids(head: bytes) -> bool:
    """Do these headers say: leave the request as it is?"""
    return _TAKEN.search(head) is not None


def head_of(headers: Iterable[tuple[Any, Any]]) -> bytes:
    """Of headers as pairs of text or bytes."""
    pairs = list(headers)
    try:
        return b"".join([b"\n%b:%b" % pair for pair in pairs])
    except TypeError:
        return b"".join([b"\n" + _bytes_of(name) + b":" + _bytes_of(value) for name, value in pairs])


def _bytes_of(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")
