# The way out of the process. In: records, as bytes. Out: batches on the collector's Unix socket.
# It never waits for the collector, never keeps the process alive, and never grows: what cannot be sent is dropped and counted.
# A thread of its own sends, with the C socket that nobody can patch. `put` takes no lock: appending to a list is atomic. While the collector
# takes everything there is nothing to decide, and appending is all that is done: the sender's thread counts, 20 times a second.

from __future__ import annotations

import _socket
import _thread
import os
from errno import EAGAIN, EINTR
from time import monotonic_ns, thread_time_ns

from . import guard, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

# What a killed process loses at most, and how old the live view is.
FLUSH_INTERVAL_S = 0.05
STATS_INTERVAL_NS = 1_000_000_000
FIRST_RETRY_NS = 100_000_000
LAST_RETRY_NS = 5_000_000_000
# How long the end of a process may be delayed by a collector that does not read.
EXIT_LIMIT_NS = 100_000_000
BATCH_BYTES = 64 * 1024
# Below the reader's limit of 1 MiB by far: a record is at most 17 KiB.
BATCH_RECORDS = 1024
# So many may wait for the next round without being counted: of at most 2 KiB each, larger ones are counted at once.
PLAIN_RECORDS = 1024
SECOND_LOOK_S = 1.0
# Between two batches: without it this thread would get the GIL back, again and again, before the application's does (5 ms).
PAUSE_S = 0.001
# More than the buffer holds: at the end of the process all of them go at once.
BATCHES_LIMIT = 10_000

# What Python needs for a record besides its bytes: the head of a `bytes` and its place in the list.
OBJECT_BYTES = 48

# Asked by the sender's thread at each of its rounds, which was to be at that time: after how long it wants to be asked again, ns; 0: with the
# next record (looks.py, once a loop runs).
watch: Callable[[int], int] | None = None

# Taken before the application can replace them (gevent, fake clocks).
_start_thread = _thread.start_new_thread
_allocate_lock = _thread.allocate_lock


class Sink:
    """One per process; a forked child makes it new (`after_fork`)."""

    def __init__(
        self, path: str, limit_bytes: int, hello: Callable[[], str], stats: Callable[[], str]
    ) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._hello = hello
        self._stats = stats
        # Totals since the start.
        self.records = 0
        self.bytes = 0
        self.dropped_records = 0
        self.dropped_bytes = 0
        # CPU of the sender's threads; the one that runs now up to its last report.
        self.sending_ns = 0
        self._ended_ns = 0
        self.on_connected_again: Callable[[], None] = lambda: None
        # Called with what takes a record from now on, `put` or what does the same for less.
        self.on_put: Callable[[Callable[[bytes], None]], None] = lambda _: None
        self._begin()

    def _begin(self) -> None:
        self._process_key = int.from_bytes(os.urandom(6), "little")
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._sequence = 0
        self._reported_records = self.dropped_records
        self._reported_bytes = self.dropped_bytes
        self._socket: _socket.socket | None = None
        # The batch on its way, and how much of it has gone.
        self._batch = b""
        self._sent = 0
        self._retry_ns = FIRST_RETRY_NS
        self._connect_at = 0
        self._has_connected = False
        self._stats_at = monotonic_ns()
        self._sending = _allocate_lock()
        self._wake = _allocate_lock()
        self._wake.acquire()
        # The thread waits for the first record.
        self.is_asleep = True
        self._has_thread = False
        self._has_ended = _allocate_lock()
        self._is_stopping = False
        self._has_finished = False
        # What `watch` said, ns.
        self._watch_ns = 0
        # Records are appended to the list and nothing else, since the last round at which everything was sent.
        self._is_plain = False

    # ---- in the application's threads ----

    def put(self, packed: bytes) -> None:
        """Notes a record, and counts its bytes. About 90 ns."""
        size = len(packed) + OBJECT_BYTES
        if self._waiting_bytes + size > self._limit_bytes:
            self.dropped_records += record.count_of(packed)
            self.dropped_bytes += size
            return
        self._waiting_bytes += size
        self._waiting.append(packed)
        if self.is_asleep:
            self._start()

    def _start(self) -> None:
        self.is_asleep = False
        if not self._has_thread:
            self._has_thread = True
            self._has_ended.acquire(False)
            try:
                _start_thread(self._run, ())
            except RuntimeError:
                # No thread to be had now, or the interpreter is ending: `finish` sends what is left.
                self._has_thread = False
            return
        self._wake_up()

    def _wake_up(self) -> None:
        try:
            self._wake.release()
        except RuntimeError:
            pass  # somebody else was faster

    # ---- in the sender's thread ----

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                interval_s = self._interval_s()
                wanted = monotonic_ns() + int(interval_s * 1e9)
                self._wake.acquire(True, interval_s)
                self._watch_ns = watch(wanted) if watch is not None else 0
                with self._sending:
                    self._report()
                    self._send(monotonic_ns(), 1)
                    has_all = (
                        not self._batch and len(self._waiting) < PLAIN_RECORDS and self._socket is not None
                    )
                    # It sleeps only a round after records are looked at again: a thread may have stopped just before it appends one.
                    is_quiet = not self._waiting and not self._batch and self._watch_ns == 0
                    if is_quiet and not self._is_plain:
                        self._sleep()
                    elif has_all != self._is_plain or is_quiet:
                        self._take_plainly(has_all and not is_quiet)
        except Exception as error:
            guard.fail(error)
        finally:
            self._take_plainly(False)
            self._ended_ns += thread_time_ns()
            self._has_thread = False
            self._has_ended.release()

    def _take_plainly(self, is_plain: bool) -> None:
        if is_plain == self._is_plain:
            return
        self._is_plain = is_plain
        if is_plain:
            self.on_put(self._waiting.append)
            return
        self.on_put(self.put)
        self._waiting_bytes = sum(map(len, self._waiting)) + OBJECT_BYTES * len(self._waiting)

    def _interval_s(self) -> float:
        """Without a collector there is nothing to do until the next attempt to connect."""
        if self._socket is not None:
            has_more = not self._batch and len(self._waiting) >= BATCH_RECORDS
            rest_s = min(FLUSH_INTERVAL_S, self._watch_ns / 1e9) if self._watch_ns > 0 else FLUSH_INTERVAL_S
            return PAUSE_S if has_more else rest_s
        return max(FLUSH_INTERVAL_S, (self._connect_at - monotonic_ns()) / 1e9)

    def _sleep(self) -> None:
        """Until the next record; one that came just now is seen by the second look."""
        self.is_asleep = True
        if self._waiting:
            self.is_asleep = False
            return
        self._sending.release()
        try:
            # A thread that was stopped just before it appended one would not wake this one.
            if not self._is_stopping and not self._wake.acquire(True, SECOND_LOOK_S) and not self._waiting:
                self._wake.acquire()
        finally:
            self._sending.acquire()
            self.is_asleep = False

    def _report(self) -> None:
        time = monotonic_ns()
        if time - self._stats_at < STATS_INTERVAL_NS or self._batch:
            return
        self._stats_at = time
        self.sending_ns = self._ended_ns + thread_time_ns()
        self._waiting.append(record.json_record(record.STATS, time, -1, 0, self._stats()))

    def _send(self, time: int, batches: int = BATCHES_LIMIT) -> bool:
        """True when nothing is left. At most so many `batches`. Call with the lock held."""
        if self._socket is None and not self._connect(time):
            return False
        for _ in range(batches):
            if not self._batch:
                self._batch = self._next_batch()
                self._sent = 0
                if not self._batch:
                    return True
            if not self._send_batch():
                return False
            self._batch = b""
        return False

    def _send_batch(self) -> bool:
        collector = self._socket
        if collector is None:
            return False
        view = memoryview(self._batch)
        try:
            while self._sent < len(view):
                self._sent += collector.send(view[self._sent :])
            return True
        except OSError as error:
            if error.errno not in (EAGAIN, EINTR):
                self._disconnect()
            return False

    def _next_batch(self) -> bytes:
        waiting = self._waiting
        taken = waiting[:BATCH_RECORDS]
        if not taken:
            return b""
        # In C: Python's own loop would keep the application from running for longer.
        count = len(taken)
        size = sum(map(len, taken)) + OBJECT_BYTES * count
        while size >= 2 * BATCH_BYTES and count > 1:
            count = (count + 1) // 2
            taken = waiting[:count]
            size = sum(map(len, taken)) + OBJECT_BYTES * count
        del waiting[:count]
        # Exact again whenever everything was taken: two threads may have added at the same moment.
        self._waiting_bytes = max(0, self._waiting_bytes - size) if waiting else 0
        self.records += count
        self.bytes += size
        return self._seal(taken)

    def _seal(self, records: list[bytes]) -> bytes:
        dropped_records, dropped_bytes = self.dropped_records, self.dropped_bytes
        sealed = record.batch(
            records,
            self._process_key,
            self._sequence,
            monotonic_ns(),
            dropped_records - self._reported_records,
            dropped_bytes - self._reported_bytes,
        )
        self._sequence += 1
        self._reported_records = dropped_records
        self._reported_bytes = dropped_bytes
        return sealed

    def _connect(self, time: int) -> bool:
        if time < self._connect_at:
            return False
        collector = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            collector.setblocking(False)
            collector.connect(self._path)
        except OSError:
            collector.close()
            self._connect_at = time + self._retry_ns
            self._retry_ns = min(self._retry_ns * 2, LAST_RETRY_NS)
            return False
        self._socket = collector
        self._retry_ns = FIRST_RETRY_NS
        # Every stream begins with a hello, so that a collector that was restarted knows us, too.
        self._batch = self._seal([record.json_record(record.HELLO, time, -1, 0, self._hello())])
        self._sent = 0
        if self._has_connected:
            self.on_connected_again()
        self._has_connected = True
        return True

    def _disconnect(self) -> None:
        """A batch that has gone in part is lost; its number is missing, so the collector can tell."""
        collector, self._socket = self._socket, None
        self._batch = b""
        self._connect_at = monotonic_ns() + self._retry_ns
        if collector is not None:
            collector.close()

    # ---- ends ----

    def flush(self) -> None:
        """Everything that was noted, as far as it can be sent within the limit. For the end of the process and before `exec`."""
        limit = monotonic_ns() + EXIT_LIMIT_NS
        if not self._sending.acquire(True, EXIT_LIMIT_NS / 1e9):
            return
        try:
            if self._socket is None:
                self._connect_at = 0
            while not self._send(monotonic_ns()) and self._socket is not None:
                if monotonic_ns() > limit:
                    return
                self._wake.acquire(True, 0.001)
        finally:
            self._sending.release()

    def finish(self, goodbye: str) -> None:
        """The last words. A process that never noted anything says nothing."""
        if self._has_finished or (not self._waiting and self._sequence == 0):
            return
        self._has_finished = True
        self._waiting.append(record.json_record(record.GOODBYE, monotonic_ns(), -1, 0, goodbye))
        self.flush()

    def last_words(self, goodbye: str) -> None:
        """The agent is switched off: from now on only this is still said, by the thread."""
        self._waiting.append(record.json_record(record.GOODBYE, monotonic_ns(), -1, 0, goodbye))
        if self.is_asleep:
            self._start()

    def before_fork(self) -> None:
        """Ends the thread: Python warns of forks of processes with threads, and the child must find nothing half done."""
        if self._has_thread:
            self._is_stopping = True
            self._wake_up()
            self._has_ended.acquire(True, EXIT_LIMIT_NS / 1e9)
        self._sending.acquire()
        if self._socket is not None:
            self._send(monotonic_ns())

    def after_fork_in_parent(self) -> None:
        """The next record starts the thread again."""
        self._is_stopping = False
        self.is_asleep = True
        self._sending.release()

    def after_fork_in_child(self) -> None:
        """A process of its own, with an empty buffer. The socket is the parent's: closing our copy does not end it."""
        self.on_put(self.put)
        collector = self._socket
        self.dropped_records = self.dropped_bytes = self.records = self.bytes = self.sending_ns = (
            self._ended_ns
        ) = 0
        self._begin()
        if collector is not None:
            collector.close()
