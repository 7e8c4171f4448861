# Operations whose rows are found while they are fetched: an operation is as long as its `execute` and its `fetch…` take together. In: what
# a cursor was asked, what it fetched. Out: the operation, when its cursor says so. Functions here raise only what the driver raised.

from __future__ import annotations

from time import monotonic_ns

from .. import driver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..driver import Begun, Peer


class Pending:
    """Of which rows are still to be fetched."""

    __slots__ = ("begun", "has_values", "peer", "rows", "spent_ns", "statement")

    def __init__(self, peer: Peer, begun: Begun, statement: Any, has_values: bool) -> None:
        """When `execute` has returned."""
        self.peer = peer
        self.begun = begun
        self.statement = statement
        self.has_values = has_values
        self.spent_ns = monotonic_ns() - begun[0]
        # -1: nobody has fetched any.
        self.rows = -1

    def fetch(self, original: Any, args: Any, named: Any) -> Any:
        """What `original` answers, with the time it took."""
        start = monotonic_ns()
        try:
            result = original(*args, **named)
        except BaseException as error:
            self.tell(error)
            raise
        self.spent_ns += monotonic_ns() - start
        return result

    def is_last(self, result: Any, limit: Any) -> bool:
        """Counts rows. `limit`: fewer than that are the last ones; -1: these are."""
        count = len(result) if isinstance(result, list) else int(result is not None)  # pyright: ignore[reportUnknownArgumentType]
        self.rows = max(0, self.rows) + count
        return limit == -1 or count < limit

    def tell(self, error: BaseException | None = None) -> None:
        """Once: later calls do nothing."""
        begun, self.begun = self.begun, None  # type: ignore[assignment]
        if begun is not None:
            at = begun[0] + self.spent_ns
            driver.end(self.peer, begun, self.statement, self.has_values, self.rows, error, at)
