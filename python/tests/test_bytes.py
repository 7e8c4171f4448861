# Clients of the standard library: what is recorded is what went over the wire, once, plain and TLS.

from __future__ import annotations

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from collector import Collector
from programs import run
from truth import Server, assert_same, certificate, recorded, server_context

FILES = certificate()

CLIENTS = {
    "http.client": """
        import http.client, ssl
        C = http.client.HTTPSConnection if TLS else http.client.HTTPConnection
        c = C("localhost", PORT, **({"context": CONTEXT} if TLS else {}))
        for method, path, body in [("GET", "/5", None), ("GET", "/70000", None), ("POST", "/chunked/3500", b"x" * 40000)]:
            c.request(method, path, body)
            assert len(c.getresponse().read()) == int(path.rpartition("/")[2])
        c.close()
    """,
    "urllib": """
        import urllib.request
        for path in ("/1", "/chunked/2000", "/100000"):
            url = "%s://localhost:%d%s" % ("https" if TLS else "http", PORT, path)
            with urllib.request.urlopen(url, **({"context": CONTEXT} if TLS else {})) as answer:
                assert len(answer.read()) == int(path.rpartition("/")[2])
    """,
    "asyncio streams": """
        import asyncio
        async def main():
            reader, writer = await asyncio.open_connection("localhost", PORT, ssl=CONTEXT)
            for size in (3, 2000, 200000):
                writer.writelines([b"POST /%d HTTP/1.1\\r\\n" % size, b"Content-Length: 50000\\r\\n", b"\\r\\n"])
                writer.write(bytearray(b"y" * 50000))
                await writer.drain()
                head = await reader.readuntil(b"\\r\\n\\r\\n")
                assert len(await reader.readexactly(size)) == size
            writer.close()
            await writer.wait_closed()
        asyncio.run(main())
    """,
    "asyncio start_tls": """
        import asyncio, sys
        async def main():
            if not TLS or sys.version_info < (3, 11):
                return await get(*await asyncio.open_connection("localhost", PORT, ssl=CONTEXT))
            reader, writer = await asyncio.open_connection("localhost", PORT)
            await writer.start_tls(CONTEXT, server_hostname="localhost")
            await get(reader, writer)
        async def get(reader, writer):
            writer.write(b"GET /10 HTTP/1.1\\r\\n\\r\\n")
            await reader.readuntil(b"\\r\\n\\r\\n")
            await reader.readexactly(10)
            writer.close()
            await writer.wait_closed()
        asyncio.run(main())
    """,
    "wrapped sockets": """
        import socket
        def connected():
            s = socket.create_connection(("localhost", PORT))
            return CONTEXT.wrap_socket(s, server_hostname="localhost") if TLS else s
        with connected() as s, s.makefile("rwb") as f:
            f.write(b"GET /4000 HTTP/1.1\\r\\n\\r\\n")
            f.flush()
            while f.readline() != b"\\r\\n":
                pass
            assert len(f.read(4000)) == 4000
        with connected() as s:
            s.sendall(memoryview(b"GET /9 HTTP/1.1\\r\\n"))
            assert s.send(bytearray(b"\\r\\n")) == 2
            buffer = bytearray(100)
            got = s.recv_into(buffer)
            while not bytes(buffer[:got]).endswith(bytes(range(9))):
                got += s.recv_into(memoryview(buffer)[got:], 20)
        if TLS:
            # The handshake later, on a socket that TLS connects itself.
            s = CONTEXT.wrap_socket(socket.socket(), server_hostname="localhost", do_handshake_on_connect=False)
            s.connect(("127.0.0.1", PORT))
            s.do_handshake()
            s.write(b"GET /0 HTTP/1.1\\r\\n\\r\\n")
            s.read(1000)
            s.close()
    """,
}

PRELUDE = """
import sys, ssl
PORT, TLS = int(sys.argv[1]), sys.argv[2] == "tls"
CONTEXT = ssl.create_default_context(cafile=sys.argv[3]) if TLS else None
"""


def body_of(code: str) -> str:
    import textwrap

    return PRELUDE + textwrap.dedent(code)


class Bytes(unittest.TestCase):
    def run_client(self, code: str, tls: bool) -> tuple[Collector, Server]:
        collector = Collector()
        server = Server(server_context(FILES) if tls else None)
        self.addCleanup(collector.close)
        self.addCleanup(server.close)
        run(body_of(code), server.port, "tls" if tls else "plain", FILES[1], collector=collector)
        assert_same(self, collector, server)
        return collector, server

    def test_plain(self) -> None:
        for name, code in CLIENTS.items():
            with self.subTest(name):
                self.run_client(code, False)

    def test_tls(self) -> None:
        for name, code in CLIENTS.items():
            with self.subTest(name):
                collector, server = self.run_client(code, True)
                for connection in server.connections:
                    self.check_layer(collector, connection.port)

    def check_layer(self, collector: Collector, port: int) -> None:
        """One plain connection, one TLS layer with its handshake timed, both closed, the inner first."""
        _, _, kinds = recorded(collector, port)
        if not kinds:
            return
        self.assertEqual(sorted(kinds.values()), ["plain", "tls"])
        layer = next(number for number, kind in kinds.items() if kind == "tls")
        [secured] = [p for p in collector.of("phase") if p.connection == layer and p.facts["phase"] == 3]
        self.assertRegex(secured.payload["protocol"], r"TLSv1\.[23]")
        closed = [close.connection for close in collector.of("close") if close.connection in kinds]
        self.assertEqual(closed, [layer, *(kinds.keys() - {layer})])

    def test_every_method_of_a_socket(self) -> None:
        code = """
            import array, os, socket, tempfile
            s = socket.create_connection(("127.0.0.1", PORT))
            s.sendmsg(iter([b"POST /300", memoryview(b" HTTP/1.1\\r\\n"), array.array("B", b"Content-Length: 7000\\r\\n\\r\\n")]))
            with tempfile.TemporaryFile() as f:
                f.write(b"z" * 7000)
                f.seek(0)
                s.sendfile(f, 0, 6000)
                f.seek(6000)
                s._sendfile_use_send(f, 6000)
            assert s.recv(1, socket.MSG_PEEK) == b"H"
            got = len(s.recv(1)) + len(s.recvfrom(10)[0]) + len(s.recvmsg(7)[0])
            pieces = [bytearray(5), bytearray(6)]
            got += s.recvmsg_into(iter(pieces))[0]
            got += s.recvfrom_into(bytearray(4))[0]
            buffer = bytearray(1000)
            got += s.recv_into(buffer, 50, socket.MSG_PEEK) * 0 + s.recv_into(buffer=buffer, nbytes=20)
            whole = 300 + len("HTTP/1.1 200 OK\\r\\nContent-Length: 300\\r\\n\\r\\n")
            while got < whole:
                got += len(s.recv(1000))
            s.close()
        """
        collector = Collector()
        server = Server()
        run(body_of(code), server.port, "plain", "", collector=collector)
        [connection] = server.connections
        writes, reads, _ = recorded(collector, connection.port)
        self.assertEqual(sum(write.facts["size"] for write in writes), len(connection.sent))
        self.assertEqual(b"".join(read.head + read.tail for read in reads), connection.received)
        collector.close()
        server.close()


class Phases(unittest.TestCase):
    def test_a_name_is_looked_up_connected_and_closed(self) -> None:
        collector, server = Collector(), Server()
        run(body_of(CLIENTS["http.client"]), server.port, "plain", "", collector=collector)
        [opened] = collector.of("open")
        resolved, connected = collector.of("phase")
        self.assertEqual(opened.payload, {"host": "localhost", "port": server.port})
        self.assertEqual((resolved.facts["phase"], resolved.payload), (1, {"address": "127.0.0.1"}))
        self.assertEqual(connected.payload["remotePort"], server.port)
        self.assertLess(opened.time, resolved.time)
        self.assertLess(resolved.time, connected.time)
        self.assertEqual(len(collector.of("close")), 1)

    def test_nobody_listens(self) -> None:
        for code in (
            "import socket; socket.socket().connect_ex(('127.0.0.1', PORT))",
            """
            import asyncio
            try: asyncio.run(asyncio.open_connection("127.0.0.1", PORT))
            except ConnectionRefusedError: pass
            else: raise SystemExit("connected")
            """,
        ):
            collector = Collector()
            server = Server()
            server.close()
            run(body_of(code), server.port, "plain", "", collector=collector)
            [failed] = collector.of("phase")
            self.assertEqual((failed.facts["phase"], failed.payload), (4, {"code": "ECONNREFUSED"}))
            self.assertEqual([close.flags for close in collector.of("close")], [1])
            collector.close()

    def test_call_sites_are_the_users(self) -> None:
        collector, server = Collector(), Server()
        code = """
            import http.client
            def load():
                c = http.client.HTTPConnection("127.0.0.1", PORT)
                c.request("GET", "/1")
                c.getresponse().read()
            def page():
                load()
            exec(compile("page()", "/app/view.py", "exec"))
        """
        file = os.path.join(os.path.dirname(collector.path), "application.py")
        with open(file, "w", encoding="utf-8") as program:
            program.write(body_of(code))
        run(f"import runpy; runpy.run_path({file!r})", server.port, "plain", "", collector=collector)
        [write] = collector.of("write")
        [call] = [call for call in collector.of("call") if call.call == write.contexts[0][2]]
        [site] = [site for site in collector.of("site") if site.call_site == call.facts["call_site"]]
        places = [line.split(":", 1) for line in site.stack.splitlines()]
        self.assertEqual([place for place, _ in places], [file, file, "/app/view.py", file])
        self.assertEqual(places[0][1].split()[1], "load")


if __name__ == "__main__":
    unittest.main()
