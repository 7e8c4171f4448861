# Tornado's own HTTP client: tells others the trace of the request. In: connections it makes, and heads written to them. Out: one
# header more, where that is allowed (propagation.py); the application's own headers stay as they are.

from __future__ import annotations

from .. import guard
from ..context import NO_CONTEXT, current_context
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(module: ModuleType) -> None:
    if module.__name__ == "tornado.http1connection":
        wrap(module.HTTP1Connection, "write_headers", _write_headers)
    else:
        wrap(module._HTTPConnection, "_create_connection", _create_connection)


def _create_connection(original: Any) -> Any:
    """Only here it is known whom the connection is for."""

    def _create_connection(self: Any, *args: Any, **named: Any) -> Any:
        connection = original(self, *args, **named)
        if guard.active:
            try:
                connection.__dict__["_wiretime_host"] = self.parsed.hostname or ""
            except Exception as error:
                guard.fail(error)
        return connection

    return _create_connection


def _write_headers(original: Any) -> Any:
    def write_headers(self: Any, start_line: Any, headers: Any, *args: Any, **named: Any) -> Any:
        if self.is_client and guard.active:
            try:
                headers = _told(self, start_line, headers)
            except Exception as error:
                guard.fail(error)
        return original(self, start_line, headers, *args, **named)

    return write_headers


def _told(connection: Any, start_line: Any, headers: Any) -> Any:
    if current_context() is NO_CONTEXT:
        return headers
    from ..propagation import head_of, headers_for

    asked = connection.__dict__.get("_wiretime_host", "")
    added = headers_for(start_line.path, headers.get("Host", ""), head_of(headers.get_all()), asked)
    if not added:
        return headers
    told = headers.copy()
    for name, value in added:
        told.add(name, value)
    return told
