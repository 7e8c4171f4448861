# confluent-kafka: librdkafka in C. In: `Producer`, as subclasses that look like it. Out: driver operations: each message that is produced,
# until it is delivered where the program asks to hear of that, else until it is in the queue; each wait in `flush`. Not seen: consumers.
# The base of the classes here is only known when the library is there.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from .. import driver, guard
from ..coverage import note_not_visible
from ..driver import Peer
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


def install(module: ModuleType) -> None:
    for name in ("Producer", "SerializingProducer"):
        _replace(module, name, _Producer)
    for name in ("Consumer", "DeserializingConsumer"):
        _replace(module, name, _Consumer)
    driver.install("confluent_kafka")


def _replace(module: Any, name: str, mixin: Any) -> None:
    cls = getattr(module, name, None)
    if cls is not None:
        setattr(module, name, traced(cls, mixin))


class _Consumer(Base):
    def __init__(self, *args: Any, **named: Any) -> None:
        note_not_visible("confluent_kafka.Consumer")
        super().__init__(*args, **named)


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
        peer = self._wiretime_peer
        if peer is None or not guard.active or len(self) == 0:
            return super().flush(*args, **named)
        begun = driver.begin_aside(peer, "Flush")
        try:
            result = super().flush(*args, **named)
        except BaseException as error:
            driver.end(peer, begun, "Flush", error=_Failure(error))
            raise
        driver.end(peer, begun, "Flush")
        return result


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
