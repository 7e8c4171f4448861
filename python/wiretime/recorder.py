# The one way out of this process, as a variable, because hooks read it. In: the start of recording. Out: `put`.

from __future__ import annotations

import atexit
import os

from . import guard
from .hello import goodbye_text, hello_text, stats_text
from .own_cost import OwnCost
from .sink import Sink

# Records that wait for a slow collector.
DEFAULT_BUFFER_BYTES = 4 * 1024 * 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

sink: Sink | None = None

# Grows with each new stream to a collector after the first: it may be another one, that has not heard of what is open. Whatever is told
# only once keeps the epoch in which it was told, and is told again when it is used in a later one.
epoch: int = 0


def put(packed: bytes) -> None:
    """Notes a record of at most 3 KiB. Replaced by the sink's own at the start, and by less while the collector takes everything."""


def put_large(packed: bytes) -> None:
    """The same for larger ones: their bytes are always counted."""
    if sink is not None:
        sink.put(packed)


def start() -> None:
    """The application has begun to use the network."""
    global sink, put
    if sink is not None:
        return
    path = os.environ.get("WIRETIME_SOCKET", "")
    cost = OwnCost()
    sink = Sink(path, _buffer_bytes(), hello_text, lambda: stats_text(sink, cost))
    put = sink.put
    sink.on_put = _take_by
    sink.on_connected_again = _begin_epoch
    guard.on_disabled(_say_disabled)
    os.register_at_fork(
        before=_guarded(sink.before_fork),
        after_in_parent=_guarded(sink.after_fork_in_parent),
        after_in_child=_guarded(_of_child(sink, cost)),
    )
    finish = _guarded(sink.finish)
    atexit.register(finish, goodbye_text("exit"))


def _of_child(sink: Sink, cost: OwnCost) -> Callable[[], None]:
    def after_fork() -> None:
        sink.after_fork_in_child()
        cost.reset()

    return after_fork


def _take_by(function: Callable[[bytes], None]) -> None:
    global put
    put = function  # pyright: ignore[reportAssignmentType]


def _begin_epoch() -> None:
    global epoch
    epoch += 1


def flush() -> None:
    """Before the process is replaced or ends without Python's farewell."""
    if sink is not None:
        sink.flush()


def finish() -> None:
    if sink is not None:
        sink.finish(goodbye_text("exit"))


def _say_disabled(error: BaseException) -> None:
    if sink is not None:
        sink.last_words(goodbye_text("disabled", error))


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    def run(*args: object) -> None:
        try:
            function(*args)
        except Exception as error:
            guard.fail(error)

    return run


def _buffer_bytes() -> int:
    try:
        asked = int(os.environ.get("WIRETIME_BUFFER", ""))
    except ValueError:
        asked = 0
    return asked if asked > 0 else DEFAULT_BUFFER_BYTES
