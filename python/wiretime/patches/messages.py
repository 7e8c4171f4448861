# Messages of queues: each that a handler gets is a request. In: pika's blocking channels, kombu's consumers, subscriptions of nats-py.
# Out: a request with the method CONSUME and the queue or subject as its route; its status is 200, or 500 when the handler raised.
# Not seen: messages that a program asks for itself (`basic_get`, `next_msg`) or loops over.

from __future__ import annotations

from inspect import iscoroutinefunction

from .. import guard
from ..coverage import note_hooked
from ..entry import enter_task
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from ..entry import EntryRequest

OK = 200
FAILED = 500


def install(module: ModuleType) -> None:
    name = module.__name__
    _INSTALL[name](module)
    note_hooked(name.partition(".")[0])


def _enter(name: Any, headers: Any) -> EntryRequest | None:
    traceparent = ""
    try:
        if headers is not None:
            traceparent = str(headers.get("traceparent") or "")
    except Exception as error:
        guard.fail(error)
    return enter_task(str(name or "message"), "CONSUME", traceparent)


def _handle(entry: EntryRequest | None, handler: Callable[..., Any], *args: Any, **named: Any) -> Any:
    if entry is None:
        return handler(*args, **named)
    try:
        result = handler(*args, **named)
    except BaseException:
        entry.end(FAILED)
        raise
    entry.end(OK)
    return result


# ---- pika ----


def _pika(module: ModuleType) -> None:
    wrap(module.BlockingChannel, "basic_consume", _basic_consume)


def _basic_consume(original: Any) -> Any:
    def basic_consume(self: Any, queue: Any, on_message_callback: Any, *args: Any, **named: Any) -> Any:
        if not callable(on_message_callback) or not guard.active:
            return original(self, queue, on_message_callback, *args, **named)

        def handle(channel: Any, method: Any, properties: Any, body: Any) -> Any:
            # A queue without a name of its own gets one from the server, a new one each time.
            name = queue or getattr(method, "routing_key", "")
            entry = _enter(name, getattr(properties, "headers", None))
            return _handle(entry, on_message_callback, channel, method, properties, body)

        return original(self, queue, handle, *args, **named)

    return basic_consume


# ---- kombu ----


def _kombu(module: ModuleType) -> None:
    wrap(module.Consumer, "receive", _receive)


def _receive(original: Any) -> Any:
    """Celery does not come here: it tells of its tasks by itself."""

    def receive(self: Any, body: Any, message: Any) -> Any:
        return _handle(_enter_kombu(message), original, self, body, message)

    return receive


def _enter_kombu(message: Any) -> EntryRequest | None:
    if not guard.active:
        return None
    try:
        info: Any = message.delivery_info or {}
        return _enter(info.get("routing_key") or info.get("exchange"), message.headers)
    except Exception as error:
        guard.fail(error)
        return None


# ---- nats-py ----


def _nats(module: ModuleType) -> None:
    wrap(module.Subscription, "__init__", _subscription)


def _subscription(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        # Whatever else it is, the library refuses it.
        if guard.active and iscoroutinefunction(getattr(self, "_cb", None)):
            self._cb = _handler(self._cb, getattr(self, "_subject", ""))

    return __init__


def _handler(original: Any, subject: Any) -> Any:
    async def handle(message: Any) -> Any:
        entry = _enter(subject, getattr(message, "headers", None))
        if entry is None:
            return await original(message)
        try:
            result = await original(message)
        except BaseException:
            entry.end(FAILED)
            raise
        entry.end(OK)
        return result

    return handle


_INSTALL = {
    "pika.adapters.blocking_connection": _pika,
    "kombu.messaging": _kombu,
    "nats.aio.subscription": _nats,
}
