# `httpcore`, below httpx: tells others the trace of the request. In: a request whose head is about to be sent, HTTP/1.1 or HTTP/2,
# by threads or coroutines. Out: the same with one header more, where that is allowed (propagation.py); the application's own
# request stays as it is.

from __future__ import annotations

from copy import copy

from .. import guard
from ..context import NO_CONTEXT, current_context
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_CLASSES = ("HTTP11Connection", "AsyncHTTP11Connection", "HTTP2Connection", "AsyncHTTP2Connection")


def install(module: ModuleType) -> None:
    for name in _CLASSES:
        cls = getattr(module, name, None)
        if cls is not None:
            wrap(cls, "_send_request_headers", _send_request_headers)


def _send_request_headers(original: Any) -> Any:
    """What a coroutine function answers is passed on."""

    def _send_request_headers(self: Any, request: Any, *args: Any, **named: Any) -> Any:
        if guard.active:
            try:
                request = _told(self, request)
            except Exception as error:
                guard.fail(error)
        return original(self, request, *args, **named)

    return _send_request_headers


def _told(connection: Any, request: Any) -> Any:
    if current_context() is NO_CONTEXT:
        return request
    from ..propagation import head_of, headers_for

    headers = request.headers
    host = next((value for name, value in headers if name.lower() == b"host"), b"")
    origin = getattr(connection, "_origin", None)
    connected = (origin.host if origin is not None else request.url.host).decode("latin-1")
    target = request.url.target.decode("latin-1")
    added = headers_for(target, host.decode("latin-1"), head_of(headers), connected)
    if not added:
        return request
    told = copy(request)
    told.headers = [*headers, *((name.encode(), value.encode()) for name, value in added)]
    return told
