# Servers of grpcio. In: what the threaded one runs in its pool, and the handlers of one of grpc.aio. Out: a request for each call that
# is served. Not seen: handlers of grpc.aio that are no coroutines, or of a class of the program's own.

from __future__ import annotations

from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction

from .. import driver, guard
from ..context import current_context
from ..coverage import note_not_visible
from ..entry import EntryRequest
from ..hook import wrap
from .grpc import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# By gRPC status, as google.rpc.Code has them (google/rpc/code.proto): errors of all requests are counted alike.
HTTP_STATUS = (200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401)
_CANCELLED = 1
_UNKNOWN = 2
_WAYS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
# Among the arguments of a server.
_HANDLERS_AT = 1


def install(module: ModuleType) -> None:
    _INSTALL[module.__name__](module)


# ---- threaded ----


def _servers(module: ModuleType) -> None:
    for name in ("_unary_response_in_pool", "_stream_response_in_pool"):
        wrap(module, name, _serving)
    wrap(module, "_abort", _aborting)
    driver.install("grpc")


def _serving(original: Any) -> Any:
    def serve(rpc_event: Any, state: Any, *args: Any, **named: Any) -> Any:
        entry = _enter(rpc_event)
        if entry is None:
            return original(rpc_event, state, *args, **named)
        try:
            return original(rpc_event, state, *args, **named)
        finally:
            entry.end(entry.status or _status_of(getattr(state, "code", None)))

    return serve


def _enter(rpc_event: Any) -> EntryRequest | None:
    if not guard.active:
        return None
    try:
        details = rpc_event.call_details
        host = text_of(getattr(details, "host", b"") or b"")
        return _request(text_of(details.method), host, rpc_event.invocation_metadata)
    except Exception as error:
        guard.fail(error)
        return None


def _request(method: str, host: str, metadata: Any) -> EntryRequest:
    headers = {text_of(name).lower(): text_of(value) for name, value in metadata or ()}
    entry = EntryRequest(("GRPC", method, host, headers.get("traceparent", ""), headers.get("b3", "")))
    entry.route = method
    return entry


def _aborting(original: Any) -> Any:
    """What a handler that raised is answered with."""

    def _abort(state: Any, call: Any, code: Any, *args: Any, **named: Any) -> Any:
        if guard.active:
            try:
                exchange = current_context().exchange
                if isinstance(exchange, EntryRequest):
                    exchange.status = _status_of(state.code if state.code is not None else code)
            except Exception as error:
                guard.fail(error)
        return original(state, call, code, *args, **named)

    return _abort


def _status_of(code: Any) -> int:
    """Of a grpc.StatusCode, or its number, or None for OK."""
    if code is None:
        return HTTP_STATUS[0]
    number: Any = getattr(code, "value", code)
    if number.__class__ is tuple:
        number = number[0]
    known = isinstance(number, int) and 0 <= number < len(HTTP_STATUS)
    return HTTP_STATUS[number if known else _UNKNOWN]


# ---- grpc.aio ----


def _async_servers(module: ModuleType) -> None:
    wrap(module.Server, "__init__", _created)
    wrap(module.Server, "add_generic_rpc_handlers", _adding)
    wrap(module.Server, "add_registered_method_handlers", _registering)
    driver.install("grpc")


def _created(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        if len(args) > _HANDLERS_AT:
            args = (*args[:_HANDLERS_AT], _all_traced(args[_HANDLERS_AT]), *args[_HANDLERS_AT + 1 :])
        elif "generic_handlers" in named:
            named["generic_handlers"] = _all_traced(named["generic_handlers"])
        return original(self, *args, **named)

    return __init__


def _adding(original: Any) -> Any:
    def add_generic_rpc_handlers(self: Any, generic_rpc_handlers: Any) -> Any:
        return original(self, _all_traced(generic_rpc_handlers))

    return add_generic_rpc_handlers


def _registering(original: Any) -> Any:
    def add_registered_method_handlers(self: Any, service_name: Any, method_handlers: Any) -> Any:
        if guard.active and isinstance(method_handlers, dict):
            handlers: dict[Any, Any] = method_handlers  # pyright: ignore[reportUnknownVariableType]
            method_handlers = {
                name: _traced(handler, f"/{service_name}/{text_of(name)}")
                for name, handler in handlers.items()
            }
        return original(self, service_name, method_handlers)

    return add_registered_method_handlers


def _all_traced(handlers: Any) -> Any:
    if not guard.active or not isinstance(handlers, (list, tuple)):
        return handlers
    return [_Handlers(one) for one in handlers]  # pyright: ignore[reportUnknownVariableType]


class _Handlers:
    """Stands before handlers of the program, which are asked for each call."""

    def __init__(self, handlers: Any) -> None:
        self._handlers = handlers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handlers, name)

    def service(self, handler_call_details: Any) -> Any:
        return _traced(self._handlers.service(handler_call_details), handler_call_details.method)


def _traced(handler: Any, method: Any) -> Any:
    """The same handler, whose function begins and ends a request."""
    if handler is None or not guard.active:
        return handler
    try:
        for way in _WAYS:
            function = getattr(handler, way, None)
            if function is None:
                continue
            traced = _tracing(function, text_of(method))
            if traced is not None and hasattr(handler, "_replace"):
                return handler._replace(**{way: traced})
            note_not_visible("grpc.aio blocking handlers")
    except Exception as error:
        guard.fail(error)
    return handler


def _tracing(function: Any, method: str) -> Any:
    """As grpc.aio looks at it: an asynchronous generator, a coroutine, or neither."""
    if isasyncgenfunction(function):

        @wraps(function)
        async def stream(request: Any, context: Any) -> Any:
            entry = _enter_async(method, context)
            try:
                async for answer in function(request, context):
                    yield answer
            except BaseException as error:
                _end_async(entry, context, error)
                raise
            _end_async(entry, context)

        return stream
    if iscoroutinefunction(function):

        @wraps(function)
        async def answer(request: Any, context: Any) -> Any:
            entry = _enter_async(method, context)
            try:
                result = await function(request, context)
            except BaseException as error:
                _end_async(entry, context, error)
                raise
            _end_async(entry, context)
            return result

        return answer
    return None


def _enter_async(method: str, context: Any) -> EntryRequest | None:
    if not guard.active:
        return None
    try:
        return _request(method, "", context.invocation_metadata())
    except Exception as error:
        guard.fail(error)
        return None


def _end_async(entry: EntryRequest | None, context: Any, error: BaseException | None = None) -> None:
    if entry is None or not guard.active:
        return
    try:
        code = context.code()
        if error is not None and not code:
            code = _CANCELLED if type(error).__name__ == "CancelledError" else _UNKNOWN
        entry.end(_status_of(code or None))
    except Exception as own:
        guard.fail(own)


_INSTALL = {
    "grpc._server": _servers,
    "grpc.aio._server": _async_servers,
}
