# aiohttp's client: tells others the trace of the request. In: a request that is sent, and the head that is written meanwhile.
# Out: one header more on the wire, where that is allowed (propagation.py); the application's own headers stay as they are.

from __future__ import annotations

from contextvars import ContextVar

from .. import guard
from ..context import NO_CONTEXT, current_context
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# The host that this task asks now; '' when it writes something else, such as a response.
_asked: ContextVar[str] = ContextVar("wiretime.aiohttp", default="")


def install(module: ModuleType) -> None:
    if module.__name__ == "aiohttp.http_writer":
        wrap(module.StreamWriter, "write_headers", _write_headers)
    else:
        wrap(module.ClientRequest, "send", _send)


def _send(original: Any) -> Any:
    async def send(self: Any, *args: Any, **named: Any) -> Any:
        host = _host_of(self)
        if not host:
            return await original(self, *args, **named)
        token = _asked.set(host)
        try:
            return await original(self, *args, **named)
        finally:
            _asked.reset(token)

    return send


def _host_of(request: Any) -> str:
    """'' where nobody must be told."""
    if not guard.active:
        return ""
    try:
        return "" if current_context() is NO_CONTEXT else str(request.url.raw_host or "")
    except Exception as error:
        guard.fail(error)
        return ""


def _write_headers(original: Any) -> Any:
    async def write_headers(self: Any, status_line: Any, headers: Any) -> Any:
        asked = _asked.get()
        if asked and guard.active:
            try:
                headers = _told(status_line, headers, asked)
            except Exception as error:
                guard.fail(error)
        return await original(self, status_line, headers)

    return write_headers


def _told(status_line: str, headers: Any, asked: str) -> Any:
    from ..propagation import head_of, headers_for

    parts = status_line.split(" ")
    if len(parts) != 3:
        return headers
    added = headers_for(parts[1], headers.get("Host", ""), head_of(headers.items()), asked)
    if not added:
        return headers
    told = headers.copy()
    for name, value in added:
        told.add(name, value)
    return told
