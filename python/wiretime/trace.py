# The trace that a request belongs to, and the headers that carry it on. In: trace headers that the request came with. Out: headers
# for what it asks of others, each with a span id of its own. Not here: to whom they may be sent (propagation.py).
# W3C Trace Context: https://www.w3.org/TR/trace-context/ · b3: https://github.com/openzipkin/b3-propagation

from __future__ import annotations

import re
from os import urandom

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    Headers = tuple[tuple[str, str], ...]

    class Traced(Protocol):
        """A request. `trace_headers`: traceparent and b3 as they came."""

        trace: Trace | None
        trace_headers: tuple[str, str]


_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")
_B3 = re.compile(r"((?:[0-9a-f]{16}){1,2})-[0-9a-f]{16}(?:-([01d]))?", re.I)
_SAMPLED = 1


class Trace:
    """Begins a trace of its own when there is no valid header."""

    __slots__ = ("_b3_id", "_id", "_is_sampled")

    def __init__(self, traceparent: str, b3: str) -> None:
        parent = _TRACEPARENT.match(traceparent)
        single = _B3.match(b3) if parent is None else None
        # The trace id as b3 wrote it, where b3 alone came in: whoever sent it may know no other.
        self._b3_id = single.group(1).lower() if single else ""
        # Who began the trace has decided; it is taken for wanted when nobody has.
        self._is_sampled = single is None or single.group(2) != "0"
        if parent is not None:
            self._id = parent.group(1)
            self._is_sampled = int(parent.group(2), 16) & _SAMPLED != 0
        else:
            self._id = self._b3_id.rjust(32, "0") if single else urandom(16).hex()

    def headers(self) -> Headers:
        """For one operation."""
        # Drawn each time, 0.4 µs: nothing to keep apart after a fork.
        span = urandom(8).hex()
        traceparent = ("traceparent", f"00-{self._id}-{span}-{'01' if self._is_sampled else '00'}")
        if not self._b3_id:
            return (traceparent,)
        return (traceparent, ("b3", f"{self._b3_id}-{span}-{'1' if self._is_sampled else '0'}"))


def trace_of(exchange: Traced) -> Trace:
    """The trace of the request; begun now when nobody has asked before."""
    trace = exchange.trace
    if trace is None:
        trace = exchange.trace = Trace(*exchange.trace_headers)
    return trace
