# How frameworks find the request that they work on: by the other end of its connection, as servers write it.

from __future__ import annotations

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE)]

from wiretime import accepted
from wiretime.connection_state import ACCEPTED, ConnectionState
from wiretime.patches.connections import addresses_text


class Accepted(unittest.TestCase):
    def accept(self, remote: tuple[str, int]) -> ConnectionState:
        state = ConnectionState(ACCEPTED)
        accepted.remember(state, addresses_text(("::ffff:127.0.0.1", 80), remote))
        self.addCleanup(accepted.forget, state)
        state.exchange = object()  # type: ignore[assignment]
        return state

    def test_by_address_and_port(self) -> None:
        state = self.accept(("192.0.2.7", 4000))
        for address, port in (("192.0.2.7", 4000), ("192.0.2.7", "4000"), ("::ffff:192.0.2.7", 4000)):
            self.assertIs(accepted.exchange_of(address, port), state.exchange)
        for address, port in (("192.0.2.7", 4001), ("192.0.2.8", 4000), ("", 4000), (None, None)):
            self.assertIsNone(accepted.exchange_of(address, port))

    def test_an_address_in_disguise_is_the_plain_one(self) -> None:
        state = self.accept(("::ffff:192.0.2.9", 4000, 0, 0))  # type: ignore[arg-type]
        self.assertIs(accepted.exchange_of("192.0.2.9", 4000), state.exchange)
        self.assertIs(accepted.exchange_of("::ffff:192.0.2.9", "4000"), state.exchange)

    def test_a_closed_one_is_forgotten(self) -> None:
        state = self.accept(("192.0.2.7", 4000))
        accepted.forget(state)
        self.assertIsNone(accepted.exchange_of("192.0.2.7", 4000))


if __name__ == "__main__":
    unittest.main()
