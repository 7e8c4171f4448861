# A collector that only remembers. In: agents on a Unix socket. Out: their records, in the order of each process.

from __future__ import annotations

import atexit
import os
import select
import shutil
import socket
import sys
import tempfile
import threading
import time

from records import Batch, Reader, Record

DEADLINE_S = 30.0
HERE = os.path.dirname(os.path.abspath(__file__))
BOOT = os.path.join(os.path.dirname(HERE), "boot")


def until(what: str, condition) -> None:
    """Returns when the condition holds."""
    limit = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError(f"not within {DEADLINE_S} s: {what}")
        time.sleep(0.01)


def new_folder() -> str:
    """Gone with this process."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="wiretime-python-"))
    atexit.register(shutil.rmtree, folder, True)
    return folder


class Collector:
    """Listens from the start until `close`."""

    def __init__(self, path: str | None = None) -> None:
        self.path = path or os.path.join(new_folder(), "socket")
        self.batches: list[Batch] = []
        self.is_paused = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        reader = Reader()
        while True:
            try:
                chunk = connection.recv(1 << 16)
            except OSError:
                return
            if not chunk:
                connection.close()
                self._open.remove(connection)
                return
            self.batches.extend(reader.feed(chunk))

    @property
    def is_idle(self) -> bool:
        """No process is connected, or about to be: all that will come has come."""
        return not select.select([self._listener], [], [], 0)[0] and not self._open

    @property
    def records(self) -> list[Record]:
        return [record for batch in list(self.batches) for record in batch.records]

    def of(self, *kinds: str) -> list[Record]:
        return [record for record in self.records if record.kind in kinds]

    def environment(self, **more: str) -> dict[str, str]:
        """What `wiretime run` sets."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("WIRETIME_")}
        path = os.pathsep.join(filter(None, [BOOT, env.get("PYTHONPATH")]))
        return {**env, "PYTHONPATH": path, "WIRETIME_SOCKET": self.path, **more}

    def close(self) -> None:
        # Without `shutdown` the thread in `accept` would keep it open.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                # Its program ended just now, and its thread has closed it.
                pass
        if os.path.exists(self.path):
            os.unlink(self.path)


PYTHON = os.environ.get("WIRETIME_TEST_PYTHON", sys.executable)
