# `http.client`, which urllib, urllib3, requests and boto3 ask through: tells others the trace of the request. In: a head that is
# complete and not sent yet. Out: one header more, where that is allowed (propagation.py).

from __future__ import annotations

import re

from .. import guard
from ..context import NO_CONTEXT, current_context
from ..hook import wrap
from ..imports import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_headers_for: Any = None
_HOST = re.compile(rb"\nhost:[ \t]*([^\r\n]*)", re.I)


def install(module: ModuleType) -> None:
    wrap(module.HTTPConnection, "endheaders", _endheaders)


def _endheaders(original: Any) -> Any:
    def endheaders(self: Any, *args: Any, **named: Any) -> Any:
        if guard.active:
            try:
                _tell(self)
            except Exception as error:
                guard.fail(error)
        return original(self, *args, **named)

    return endheaders


def _tell(connection: Any) -> None:
    if current_context() is NO_CONTEXT:
        return
    global _headers_for
    if _headers_for is None:
        # Only servers that ask others need it. An import that has been done still takes 1 µs.
        _headers_for = load("wiretime.propagation").headers_for
    lines: list[bytes] = getattr(connection, "_buffer", None) or []
    first = lines[0].split(b" ") if lines else []
    # Not the beginning of a request: the original says so. Or somebody's class that does it in another way.
    if len(first) != 3 or getattr(connection, "_HTTPConnection__state", "") != "Request-started":
        return
    head = b"\r\n".join(lines)
    host = _HOST.search(head)
    connected = getattr(connection, "_tunnel_host", None) or connection.host
    added = _headers_for(
        first[1].decode("latin-1"),
        host.group(1).decode("latin-1") if host is not None else "",
        head,
        str(connected).strip("[]"),
    )
    lines.extend([f"{name}: {value}".encode() for name, value in added])
