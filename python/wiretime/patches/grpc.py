# grpcio: gRPC in C. In: the callables of its channels, threaded and asyncio. Out: a stream for each call, of whose bytes nothing is
# known, with the trace in its metadata where that is allowed. Not here: calls that are served (grpc_server.py).

from __future__ import annotations

from itertools import count

from .. import driver, guard, record, recorder
from ..calls import note_call
from ..clock import moment
from ..context import current_context
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

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
        method = text_of(callable._method)
        address = _address_of(callable)
        traceparent, args, named = _told(method, address, args, named)
        return _Begun(method, address, traceparent), args, named
    except Exception as error:
        guard.fail(error)
        return None, args, named


def text_of(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _address_of(callable: Any) -> str:
    """`dns:///host:1` and `ipv4:127.0.0.1:1` without what is before the host."""
    channel = getattr(callable, "_python_channel", None)
    target = getattr(callable, "_target", None) or getattr(channel, "_wiretime_target", "")
    address = text_of(target)
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
        if text_of(name).lower() == "traceparent":
            return text_of(value)
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


_INSTALL = {
    "grpc._channel": _channels,
    "grpc.aio._channel": _async_channels,
}
