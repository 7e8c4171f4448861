# confluent-kafka: librdkafka in C. In: `Producer` and `Consumer`, as subclasses that look like them. Out: driver operations: each message
# that is produced, until it is delivered where the program asks to hear of that, else until it is in the queue; each wait in `flush`, for
# a commit, and for messages inside of a request. A request for what `poll` or `consume` gave, until the program asks again.
# The base of the classes here is only known when the library is there.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import sys

from .. import driver, guard
from ..context import current_context
from ..coverage import note_not_visible
from ..driver import Peer
from ..entry import enter_task
from .traced_class import traced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    Base = Any
else:
    Base = object

_CALLBACKS = ("on_delivery", "callback")
_NS_PER_S = 1_000_000_000
# Of `commit`.
_ASYNCHRONOUS_AT = 2
# Nobody says whether it went well.
_HANDLED = 200
_POOL = "thread.py"


def install(module: ModuleType) -> None:
    for name in ("Producer", "SerializingProducer"):
        _replace(module, name, _Producer)
    for name in ("Consumer", "DeserializingConsumer"):
        _replace(module, name, _Consumer)
    for name in ("ShareConsumer", "DeserializingShareConsumer"):
        _replace(module, name, _Unseen)
    driver.install("confluent_kafka")


def _replace(module: Any, name: str, mixin: Any) -> None:
    cls = getattr(module, name, None)
    if cls is not None:
        setattr(module, name, traced(cls, mixin))


class _Unseen(Base):
    def __init__(self, *args: Any, **named: Any) -> None:
        note_not_visible("confluent_kafka.ShareConsumer")
        super().__init__(*args, **named)


class _Consumer(Base):
    _wiretime_peer: Any = None
    # What the program is doing with the messages it got last.
    _wiretime_entry: Any = None

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if guard.active:
            self._wiretime_peer = _peer_of(args, named)

    def poll(self, *args: Any, **named: Any) -> Any:
        return _receive(self, super().poll, args, named)

    def consume(self, *args: Any, **named: Any) -> Any:
        return _receive(self, super().consume, args, named)

    def commit(self, *args: Any, **named: Any) -> Any:
        is_waiting = not (
            args[_ASYNCHRONOUS_AT] if len(args) > _ASYNCHRONOUS_AT else named.get("asynchronous", True)
        )
        if not is_waiting:
            return super().commit(*args, **named)
        return _asked(self, "OffsetCommit", super().commit, args, named)

    def unsubscribe(self, *args: Any, **named: Any) -> Any:
        _end_entry(self)
        return super().unsubscribe(*args, **named)

    def close(self, *args: Any, **named: Any) -> Any:
        _end_entry(self)
        return super().close(*args, **named)


def _receive(consumer: Any, original: Any, args: Any, named: Any) -> Any:
    """Of a program that waits for work this is idle time; of a request it is an operation."""
    _end_entry(consumer)
    peer = consumer._wiretime_peer
    if peer is None or not guard.active:
        return original(*args, **named)
    begun = driver.begin_aside(peer, "Fetch") if _is_request_running() else None
    try:
        result = original(*args, **named)
    except BaseException as error:
        driver.end(peer, begun, "Fetch", error=_Failure(error))
        raise
    try:
        messages = [
            one
            for one in (result if isinstance(result, list) else [result])
            if one is not None and not one.error()
        ]
        topic = str(messages[0].topic()) if messages else ""
        if begun is not None:
            driver.end(peer, begun, f"Fetch {topic}".rstrip(), rows=len(messages))
        elif messages and not _is_in_pool():
            consumer._wiretime_entry = enter_task(topic, "CONSUME", _traceparent_of(messages[0]))
    except Exception as error:
        guard.fail(error)
    return result


def _is_request_running() -> bool:
    exchange = current_context().exchange
    return exchange is not None and not exchange.is_ended


def _is_in_pool() -> bool:
    """Then somebody else works on the messages, and this thread works for others."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if frame.f_code.co_name == "_worker" and frame.f_code.co_filename.endswith(_POOL):
            return True
        frame = frame.f_back
    return False


def _traceparent_of(message: Any) -> str:
    for name, value in message.headers() or ():
        if name.lower() == "traceparent" and isinstance(value, bytes):
            return value.decode("latin-1")
    return ""


def _end_entry(consumer: Any) -> None:
    entry = consumer._wiretime_entry
    if entry is not None:
        consumer._wiretime_entry = None
        entry.end(_HANDLED)


def _asked(client: Any, statement: str, original: Any, args: Any, named: Any) -> Any:
    """Of what returns when it is done."""
    peer = client._wiretime_peer
    if peer is None or not guard.active:
        return original(*args, **named)
    begun = driver.begin_aside(peer, statement)
    try:
        result = original(*args, **named)
    except BaseException as error:
        driver.end(peer, begun, statement, error=_Failure(error))
        raise
    driver.end(peer, begun, statement)
    return result


class _Producer(Base):
    _wiretime_peer: Any = None

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if guard.active:
            self._wiretime_peer = _peer_of(args, named)

    def produce(self, *args: Any, **named: Any) -> Any:
        peer = self._wiretime_peer
        if peer is None or not guard.active:
            return super().produce(*args, **named)
        topic = args[0] if args else named.get("topic", "")
        statement = f"Produce {topic}"
        begun = driver.begin_aside(peer, statement)
        is_told = _hear(peer, begun, statement, named)
        try:
            result = super().produce(*args, **named)
        except BaseException as error:
            driver.end(peer, begun, statement, error=_Failure(error))
            raise
        if not is_told:
            driver.end(peer, begun, statement)
        return result

    def flush(self, *args: Any, **named: Any) -> Any:
        if len(self) == 0:
            return super().flush(*args, **named)
        return _asked(self, "Flush", super().flush, args, named)


class _Failure(Exception):
    """For the name of an error: KafkaException has a KafkaError inside, a delivery report is given one."""

    def __init__(self, error: Any) -> None:
        inner = error.args[0] if isinstance(error, Exception) and error.args else error
        name = getattr(inner, "name", None)
        self.sqlstate = str(name()) if callable(name) else type(error).__name__


def _peer_of(args: Any, named: Any) -> Peer | None:
    try:
        settings = {**(args[0] if args and isinstance(args[0], dict) else {}), **named}
        servers = str(settings.get("bootstrap.servers") or settings.get("metadata.broker.list") or "")
        return Peer("kafka", servers.partition(",")[0], "", is_shared=True)
    except Exception as error:
        guard.fail(error)
        return None


def _hear(peer: Peer, begun: Any, statement: str, named: dict[str, Any]) -> bool:
    """Puts itself before the program's own report of the delivery; False when it wants none: then nobody must ask for one."""
    for name in _CALLBACKS:
        report = named.get(name)
        if callable(report):
            named[name] = _reporting(peer, begun, statement, report)
            return True
    return False


def _reporting(peer: Peer, begun: Any, statement: str, report: Any) -> Any:
    def on_delivery(error: Any, message: Any, *args: Any) -> Any:
        try:
            driver.end(
                peer,
                begun,
                statement,
                error=None if error is None else _Failure(error),
                at=_delivered_at(begun, message),
            )
        except Exception as own:
            guard.fail(own)
        return report(error, message, *args)

    return on_delivery


def _delivered_at(begun: Any, message: Any) -> int:
    """ns; 0 when it is not known: then it is now. Reports wait until the program polls."""
    latency = getattr(message, "latency", None)
    seconds = latency() if callable(latency) else None
    if begun is None or not isinstance(seconds, float) or seconds < 0:
        return 0
    return begun[0] + int(seconds * _NS_PER_S)
