# Servers of the standard library: which request caused it, at 32 clients that keep their connections.

from __future__ import annotations

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from attribution import check
from collector import Collector
from programs import PYTHON, run


class Threads(unittest.TestCase):
    command = [PYTHON, "plain_threads.py", "PORT"]

    def test_in_the_handler(self) -> None:
        check(self, self.command, "plain", 3)

    def test_in_a_pool(self) -> None:
        check(self, self.command, "pool", 3)

    def test_in_a_thread(self) -> None:
        check(self, self.command, "thread", 1)

    def test_after_the_response(self) -> None:
        check(self, self.command, "later", 1)


class Asyncio(unittest.TestCase):
    def test_one_task_per_connection(self) -> None:
        for how, per_request in (("plain", 3), ("gather", 3), ("pool", 2), ("later", 1)):
            with self.subTest(how):
                check(self, [PYTHON, "plain_asyncio.py", "PORT", "streams"], how, per_request)

    def test_one_task_per_request(self) -> None:
        for how, per_request in (("plain", 3), ("gather", 3), ("pool", 2), ("later", 1)):
            with self.subTest(how):
                check(self, [PYTHON, "plain_asyncio.py", "PORT", "protocol"], how, per_request)


class NoRequests(unittest.TestCase):
    def test_a_byte_that_only_wakes_somebody(self) -> None:
        """As pika does, on a connection to itself."""
        code = """
            import socket
            for sent in (b"X", b"GET /unfinished", b"WAKE UP"):
                listener = socket.create_server(("127.0.0.1", 0))
                client = socket.create_connection(listener.getsockname())
                server, _ = listener.accept()
                client.sendall(sent)
                assert server.recv(100) == sent
                client.close()
                assert server.recv(100) == b""
                server.close()
                listener.close()
        """
        collector = Collector()
        self.addCleanup(collector.close)
        run(code, collector=collector)
        self.assertEqual(len(collector.of("open")), 6)
        self.assertEqual(collector.of("start", "end"), [])


class Buffers(unittest.TestCase):
    def test_bytes_that_had_to_wait_are_of_who_wrote_them(self) -> None:
        """Three requests write more than the kernel takes, on one connection, to somebody who reads late."""
        code = """
            import asyncio, socket
            from wiretime.context import Context, set_context
            async def write(number, writer, turn):
                set_context(Context(number))
                for part in range(3):
                    writer.write(b"%d" % number * 400_000)
                    if number == 2:
                        writer.writelines([b"2" * 1000, b"2" * 500])
                    await asyncio.sleep(0)
            async def main():
                late = asyncio.Event()
                total = 0
                async def read(reader, writer):
                    nonlocal total
                    await late.wait()
                    while chunk := await reader.read(1 << 16):
                        print(chunk.decode(), end="")
                    late.clear()
                    writer.close()
                server = await asyncio.start_server(read, "127.0.0.1", 0)
                sock = socket.socket()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 50_000)
                sock.connect(server.sockets[0].getsockname())
                _, writer = await asyncio.open_connection(sock=sock)
                await asyncio.gather(*(write(number, writer, 0) for number in (1, 2, 3)))
                late.set()
                await writer.drain()
                writer.close()
                await writer.wait_closed()
                while late.is_set():
                    await asyncio.sleep(0.01)
            asyncio.run(main())
        """
        collector = Collector()
        done = run(code, collector=collector)
        claimed = ""
        for write in collector.of("write"):
            ends = [context[0] for context in write.contexts[1:]] + [write.facts["size"]]
            for (offset, request, _), end in zip(write.contexts, ends):
                claimed += str(request) * (end - offset)
        self.assertEqual(len(done.stdout), 3 * 3 * 400_000 + 3 * 1500)
        self.assertTrue(claimed == done.stdout, "each byte belongs to its request")
        self.assertGreater(max(len(write.contexts) for write in collector.of("write")), 1)
        collector.close()


if __name__ == "__main__":
    unittest.main()
