# grpcio: gRPC in C. In: the callables of its channels, threaded and asyncio, and what its server runs in its thread pool.
# Out: a stream for each call, of whose bytes nothing is known, with the trace in its metadata where that is allowed; a request for
# each call that is served.
# Not seen: servers of grpc.aio, whose handlers are called from C.

from __future__ import annotations

from itertools import count

from .. import driver, guard, record, recorder
from ..calls import note_call
from ..clock import moment
from ..context import current_context
from ..coverage import note_not_visible
from ..entry import EntryRequest
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# By gRPC status, as google.rpc.Code has them (google/rpc/code.proto): errors of all requests are counted alike.
HTTP_STATUS = (200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401)
_UNKNOWN = 2
_CALLABLES = (
    "_UnaryUnaryMultiCallable",
    "_SingleThreadedUnaryStreamMultiCallable",
    "_UnaryStreamMultiCallable",
    "_StreamUnaryMultiCallable",
    "_StreamStreamMultiCallable",
)
_ASYNC_CALLABLES = (
    "UnaryUnaryMultiCallable",
    "UnaryStreamMultiCallable",
    "StreamUnaryMultiCallable",
    "StreamStreamMultiCallable",
)
# Among the arguments of a callable, behind the request.
_METADATA_AT = 2

next_stream = count(1).__next__


def install(module: ModuleType) -> None:
    _INSTALL[module.__name__](module)


def _channels(module: ModuleType) -> None:
    for name in _CALLABLES:
        cls = getattr(module, name, None)
        if cls is None:
            continue
        # Of the two with a single answer `__call__` waits for it; the others answer while it is under way.
        wrap(cls, "__call__", _waiting if "future" in cls.__dict__ else _going_on)
        wrap(cls, "with_call", _waiting)
        wrap(cls, "future", _going_on)
    driver.install("grpc")


def _async_channels(module: ModuleType) -> None:
    wrap(module.Channel, "__init__", _async_channel)
    for name in _ASYNC_CALLABLES:
        cls = getattr(module, name, None)
        if cls is not None:
            wrap(cls, "__call__", _going_on)


def _async_channel(original: Any) -> Any:
    """Its target is kept in C."""

    def __init__(self: Any, target: Any, *args: Any, **named: Any) -> None:
        original(self, target, *args, **named)
        self.__dict__["_wiretime_target"] = target

    return __init__


# ---- calls ----


class _Begun:
    """A call under way."""

    __slots__ = ("stream",)

    def __init__(self, method: str, address: str, traceparent: str) -> None:
        self.stream = next_stream()
        request = current_context().request
        now = moment()
        time, idle, thread = now
        call = note_call(request, method, now)
        texts = ("POST", method, address, traceparent, "")
        flags = thread | record.STREAM_GRPC
        recorder.put(record.stream_start(time, idle, flags, self.stream, request, call, texts))

    def end(self, code: Any) -> None:
        """`code`: a grpc.StatusCode, or None when it is not known. Never raises."""
        if not guard.active:
            return
        try:
            name = str(getattr(code, "name", None) or "UNKNOWN")
            status = NAMES.index(name) if name in NAMES else _UNKNOWN
            time, idle, thread = moment()
            flags = thread | record.STREAM_GRPC_STATUS
            recorder.put(record.stream_end(time, idle, flags, self.stream, status))
        except Exception as error:
            guard.fail(error)


def _begin(callable: Any, args: Any, named: Any) -> tuple[_Begun | None, Any, Any]:
    """With the arguments that the call gets."""
    if not guard.active:
        return None, args, named
    try:
        method = _text(callable._method)
        address = _address_of(callable)
        traceparent, args, named = _told(method, address, args, named)
        return _Begun(method, address, traceparent), args, named
    except Exception as error:
        guard.fail(error)
        return None, args, named


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _address_of(callable: Any) -> str:
    """`dns:///host:1` and `ipv4:127.0.0.1:1` without what is before the host."""
    channel = getattr(callable, "_python_channel", None)
    target = getattr(callable, "_target", None) or getattr(channel, "_wiretime_target", "")
    address = _text(target)
    for scheme in ("dns:", "ipv4:", "ipv6:"):
        if address.startswith(scheme):
            address = address[len(scheme) :].lstrip("/")
    return address


def _told(method: str, address: str, args: Any, named: Any) -> tuple[str, Any, Any]:
    """The traceparent that is sent, '' without, and the arguments that the call gets."""
    is_positional = len(args) > _METADATA_AT
    metadata: Any = args[_METADATA_AT] if is_positional else named.get("metadata")
    # grpc.aio has a class for it. What else there may be can perhaps be walked only once.
    is_own_class = hasattr(metadata, "get_all")
    if metadata is not None and metadata.__class__ not in (list, tuple) and not is_own_class:
        return "", args, named
    from ..propagation import head_of, headers_for

    added = headers_for(
        method, "localhost" if address.startswith("unix") else address, head_of(metadata or ())
    )
    if not added:
        return _traceparent_in(metadata), args, named
    more: Any = (*(metadata or ()), *added)
    told = type(metadata)(*more) if is_own_class else more
    if is_positional:
        args = (*args[:_METADATA_AT], told, *args[_METADATA_AT + 1 :])
    else:
        named = {**named, "metadata": told}
    return added[0][1], args, named


def _traceparent_in(metadata: Any) -> str:
    """The application's own."""
    for name, value in metadata or ():
        if _text(name).lower() == "traceparent":
            return _text(value)
    return ""


def _waiting(original: Any) -> Any:
    """Of a function that returns when the call has ended."""

    def call(self: Any, *args: Any, **named: Any) -> Any:
        begun, args, named = _begin(self, args, named)
        if begun is None:
            return original(self, *args, **named)
        try:
            result = original(self, *args, **named)
        except BaseException as error:
            begun.end(_code_of(error))
            raise
        begun.end(_OK)
        return result

    return call


def _going_on(original: Any) -> Any:
    """Of a function that returns what stands for the call."""

    def call(self: Any, *args: Any, **named: Any) -> Any:
        begun, args, named = _begin(self, args, named)
        if begun is None:
            return original(self, *args, **named)
        result = original(self, *args, **named)
        try:
            _watch(result, begun)
        except Exception as error:
            guard.fail(error)
        return result

    return call


def _watch(call: Any, begun: _Begun) -> None:
    def end(*_args: Any) -> None:
        try:
            begun.end(_final_code(call))
        except Exception as error:
            guard.fail(error)

    if hasattr(call, "add_callback"):
        if not call.add_callback(end):
            end()
    else:
        call.add_done_callback(end)


class _Code:
    name = "OK"


_OK = _Code()


def _code_of(error: Any) -> Any:
    return error.code() if callable(getattr(error, "code", None)) else None


def _final_code(call: Any) -> Any:
    """Without waiting for it: `code` of a call blocks, of an asyncio call it is a coroutine function."""
    state = getattr(call, "_state", None)
    if state is not None:
        return state.code
    status = getattr(getattr(call, "_cython_call", None), "_status", None)
    code = status.code() if status is not None else None
    return _Named(code) if isinstance(code, int) else code


class _Named:
    """In C a status is a number."""

    def __init__(self, code: int) -> None:
        self.name = NAMES[code] if 0 <= code < len(NAMES) else "UNKNOWN"


NAMES = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
]


# ---- requests ----


def _servers(module: ModuleType) -> None:
    for name in ("_unary_response_in_pool", "_stream_response_in_pool"):
        wrap(module, name, _serving)
    wrap(module, "_abort", _aborting)
    driver.install("grpc")


def _async_servers(_module: ModuleType) -> None:
    note_not_visible("grpc.aio server")


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
        method = _text(details.method)
        headers = {_text(name).lower(): _text(value) for name, value in rpc_event.invocation_metadata}
        host = _text(getattr(details, "host", b"") or b"")
        texts = ("GRPC", method, host, headers.get("traceparent", ""), headers.get("b3", ""))
        entry = EntryRequest(texts)
        entry.route = method
        return entry
    except Exception as error:
        guard.fail(error)
        return None


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


_INSTALL = {
    "grpc._channel": _channels,
    "grpc.aio._channel": _async_channels,
    "grpc._server": _servers,
    "grpc.aio._server": _async_servers,
}
