# Where frameworks begin a request and say its route. In: what a framework is asked. Out: the context of the request that came
# over that connection, also where a server reads it in another thread or task; or, where the connection is not seen at all
# (uwsgi, HTTP/2, tasks of queues), a request of its own with `requestStart` and `requestEnd`. Functions here never raise.

from __future__ import annotations

from . import accepted, guard, process_end, record, recorder
from .clock import moment
from .context import Context, current_context, set_context, variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .trace import Trace

    Texts = tuple[str, str, str, str, str]


_get = variable.get


class EntryRequest:
    """A request whose bytes are not seen. As `Exchange`, for those who say its route."""

    peer: object = None
    __slots__ = ("_before", "context", "is_ended", "route", "status", "trace", "trace_headers", "view")

    def __init__(self, texts: Texts) -> None:
        """`texts`: method, target, host, traceparent, b3."""
        # Only servers need it; it loads `re`.
        from .exchange import next_request

        self.context = Context(next_request(), 0, self)
        self.is_ended = False
        self.route = ""
        self.status = 0
        self.view: object = None
        self.trace: Trace | None = None
        self.trace_headers = (texts[3], texts[4])
        self._before = variable.get()
        time, idle, thread = moment()
        recorder.put(record.request_start(time, idle, thread, self.context.request, 0, texts))
        set_context(self.context)

    def end(self, status: int = 0) -> None:
        """What runs in this thread or task afterwards belongs to what it belonged to before. Another one stays with what it does."""
        if self.is_ended or not guard.active:
            return
        try:
            self.is_ended = True
            time, idle, thread = moment()
            request = self.context.request
            recorder.put(
                record.request_end(time, idle, thread, request, status or self.status, -1, self.route)
            )
            if current_context().exchange is self:
                set_context(self._before)
        except Exception as error:
            guard.fail(error)


def enter_wsgi(environ: Any) -> EntryRequest | None:
    """A request of its own, or None: it is one that was seen on its connection."""
    if not guard.active:
        return None
    try:
        if _enter(environ.get("REMOTE_ADDR"), environ.get("REMOTE_PORT")):
            return None
        process_end.follow_fork()
        query = environ.get("QUERY_STRING")
        target = (environ.get("SCRIPT_NAME") or "") + (environ.get("PATH_INFO") or "/")
        return EntryRequest(
            (
                str(environ.get("REQUEST_METHOD", "")),
                f"{target}?{query}" if query else target,
                str(environ.get("HTTP_HOST", "")),
                str(environ.get("HTTP_TRACEPARENT", "")),
                str(environ.get("HTTP_B3", "")),
            )
        )
    except Exception as error:
        guard.fail(error)
        return None


def enter_asgi(scope: Any) -> EntryRequest | None:
    """The same. HTTP/2 has many requests on one connection."""
    if not guard.active or scope.get("type") != "http":
        return None
    try:
        is_alone = str(scope.get("http_version", "1"))[:1] == "1"
        address, port = scope.get("client") or ("", 0)
        if is_alone and _enter(address, port):
            return None
        if not is_alone and isinstance(current_context().exchange, EntryRequest):
            return None  # an application in an application
        headers = {bytes(name).lower(): bytes(value).decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string") or b""
        target = scope.get("path") or "/"
        return EntryRequest(
            (
                str(scope.get("method", "")),
                f"{target}?{query.decode('latin-1')}" if query else target,
                headers.get(b"host", headers.get(b":authority", "")),
                headers.get(b"traceparent", ""),
                headers.get(b"b3", ""),
            )
        )
    except Exception as error:
        guard.fail(error)
        return None


def enter_task(name: str, method: str = "TASK", traceparent: str = "") -> EntryRequest | None:
    """Work from a queue: a `TASK`, or a message to `CONSUME`. `traceparent`: of who sent it."""
    if not guard.active:
        return None
    try:
        entry = EntryRequest((method, name, "", traceparent, ""))
        entry.route = name
        return entry
    except Exception as error:
        guard.fail(error)
        return None


def _enter(address: Any, port: Any) -> bool:
    """Whether the request is known: by the other end of its connection, or because it is what runs here already."""
    value: Any = _get()
    exchange: Any = value if value.is_exchange else value.exchange
    if address and port:
        if port.__class__ is not str:
            port = str(port)
        # Nearly always it is what runs here.
        if exchange is None or exchange.is_ended or exchange.peer != (address, port):
            exchange = accepted.exchange_of(address, port)
        if exchange is not None and not exchange.is_ended:
            if value is not exchange:
                set_context(exchange)
            return True
    running = current_context().exchange
    return running is not None and not running.is_ended


def set_route(template: Any) -> None:
    """The request that is running is for this route."""
    if not guard.active or not template:
        return
    try:
        value: Any = _get()
        exchange: Any = value if value.is_exchange else value.exchange
        if exchange is not None:
            exchange.route = template if template.__class__ is str else str(template)
    except Exception as error:
        guard.fail(error)


def set_view(view: object) -> None:
    """The request that is running is answered by this function."""
    if not guard.active:
        return
    try:
        exchange: Any = current_context().exchange
        if exchange is not None:
            exchange.view = view
    except Exception as error:
        guard.fail(error)


def add_route(template: Any) -> None:
    """The same, for a part of the template: what is mounted below what was said before."""
    if not guard.active or not template:
        return
    try:
        exchange = current_context().exchange
        if exchange is not None:
            exchange.route += str(template)
    except Exception as error:
        guard.fail(error)


def wsgi_entry(original: Any) -> Any:
    """For `application(environ, start_response)`. Where its bytes are not seen a request ends when the application returns."""

    def __call__(self: Any, environ: Any, start_response: Any) -> Any:
        # Nearly always it is what runs here: a function less to call.
        running: Any = _get()
        if (
            running.is_exchange
            and environ.__class__ is dict
            and not running.is_ended
            and running.peer == (environ.get("REMOTE_ADDR"), environ.get("REMOTE_PORT"))
        ):
            return original(self, environ, start_response)
        entry = enter_wsgi(environ)
        if entry is None:
            return original(self, environ, start_response)

        def noting(status: Any, *args: Any, **named: Any) -> Any:
            entry.status = _status_of(status)
            return start_response(status, *args, **named)

        try:
            return original(self, environ, noting)
        finally:
            entry.end()

    return __call__


def _status_of(status: Any) -> int:
    digits = str(status)[:3]
    return int(digits) if digits.isdigit() else 0


def asgi_entry(original: Any) -> Any:
    """For `application(scope, receive, send)`."""

    async def __call__(self: Any, scope: Any, receive: Any, send: Any) -> Any:
        # Nearly always it is what runs here: two functions less to call.
        running: Any = _get()
        if (
            running.is_exchange
            and not running.is_ended
            and running.client is not None
            and running.client == scope.get("client")
        ):
            return await original(self, scope, receive, send)
        entry = enter_asgi(scope)
        if entry is None:
            return await original(self, scope, receive, send)

        async def noting(message: Any) -> Any:
            if message.get("type") == "http.response.start":
                entry.status = message.get("status", 0)
            return await send(message)

        try:
            return await original(self, scope, receive, noting)
        finally:
            entry.end()

    return __call__
