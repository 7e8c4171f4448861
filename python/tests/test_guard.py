# The agent's own mistakes, and the application's: the application sees what it would have seen without the agent.

from __future__ import annotations

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from collector import Collector
from programs import run
from truth import Server, certificate, server_context

# Every function that notes something; each is broken in turn.
NOTES = [
    "patches.connections.open_client",
    "patches.connections.open_accepted",
    "patches.connections.open_layer",
    "patches.connections.note_phase",
    "patches.connections.note_closed",
    "patches.noting.note_written",
    "patches.noting.note_read",
    "patches.lookups.note",
    "patches.lookups.take",
    "connection_state.set_state",
    "connection_state.state_of",
    "calls.sampled_call",
    "context.current_context",
    "recorder.put",
    "exchange.Exchange",
    "propagation.headers_for",
    "trace.trace_of",
]
# A client, plain and TLS, and a server; with a function of the agent that raises from now on.
PROGRAM = """
import asyncio, http.client, http.server, socket, ssl, sys, threading
from concurrent.futures import ThreadPoolExecutor
broken, plain, tls, certificate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

def broken_function(*args, **named):
    raise KeyError("the agent's own mistake")

import wiretime.exchange, wiretime.propagation
name = broken.rpartition(".")[2]
original = getattr(sys.modules["wiretime." + broken.rpartition(".")[0]], name)
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("wiretime") and getattr(module, name, None) is original:
        setattr(module, name, broken_function)

context = ssl.create_default_context(cafile=certificate)
for _ in range(2):
    for c in (http.client.HTTPConnection("localhost", plain), http.client.HTTPSConnection("localhost", tls, context=context)):
        c.request("GET", "/70")
        assert c.getresponse().read() == bytes(range(70))
        c.close()

async def get():
    reader, writer = await asyncio.open_connection("localhost", tls, ssl=context)
    writer.write(b"GET /70 HTTP/1.1\\r\\n\\r\\n")
    await reader.readuntil(b"\\r\\n\\r\\n")
    assert await reader.readexactly(70) == bytes(range(70))
    writer.close()
    await writer.wait_closed()

asyncio.run(get())

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args): pass
    def do_GET(self):
        c = http.client.HTTPConnection("localhost", plain)
        c.request("GET", "/70")
        assert c.getresponse().read() == bytes(range(70))
        c.close()
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever).start()
c = http.client.HTTPConnection("127.0.0.1", server.server_port)
c.request("GET", "/")
assert c.getresponse().read() == b"ok"
c.close()
server.shutdown()
server.server_close()
with ThreadPoolExecutor(1) as pool:
    assert pool.submit(divmod, 7, 2).result() == (3, 1)
print("as without")
"""


class OwnMistakes(unittest.TestCase):
    def test_each_switches_the_agent_off_and_nothing_else(self) -> None:
        files = certificate()
        plain, tls = Server(), Server(server_context(files))
        for name in NOTES:
            with self.subTest(name):
                collector = Collector()
                done = run(PROGRAM, name, plain.port, tls.port, files[1], collector=collector)
                self.assertEqual((done.stdout, done.stderr), ("as without\n", ""))
                last = collector.of("goodbye")[0].payload
                self.assertEqual(last["reason"], "disabled")
                self.assertRegex(last["error"], r"KeyError: .*mistake.*\(\S+:\d+\)")
                collector.close()
        plain.close()
        tls.close()


class TheApplicationsMistakes(unittest.TestCase):
    def test_same_exceptions_and_no_fault_of_ours(self) -> None:
        code = """
            import socket, ssl, sys, _socket
            def outcome(function, *args, **named):
                try:
                    return repr(function(*args, **named))
                except Exception as error:
                    return f"{type(error).__name__}: {error}"
            left, right = socket.socketpair()
            client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            plain = _socket.socket
            for s in (left, client, socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)):
                s.settimeout(0.05)
                for name, calls in {
                    "send": [(), ("text",), (None,), (b"x", "flags"), (b"x", 0, 0)],
                    "sendall": [(), ("text",), (5,)],
                    "sendmsg": [(), (5,), ([5],), (["text"],)],
                    "recv": [(), (-1,), ("5",), (5,)],
                    "recv_into": [(), (b"read only",), (bytearray(3), 9), (5,)],
                    "recvfrom": [(), (-1,)],
                    "recvmsg": [(), (-1,)],
                    "recvmsg_into": [(), (5,), ([b"read only"],)],
                    "connect": [(), (5,), (("127.0.0.1",),), (("127.0.0.1", "port"),), (("127.0.0.1", 99999),)],
                    "connect_ex": [(), (5,), (("127.0.0.1",),)],
                    "getsockopt": [(), (1,), (-1, -1)],
                }.items():
                    for args in calls:
                        ours, theirs = outcome(getattr(s, name), *args), outcome(getattr(plain, name), s, *args)
                        assert ours == theirs, (name, args, ours, theirs)
                s.close()
                for name in ("recv", "send"):
                    argument = 5 if name == "recv" else b"x"
                    assert outcome(getattr(s, name), argument) == outcome(getattr(plain, name), s, argument)
            right.close()
            assert outcome(socket.getaddrinfo) .startswith("TypeError")
            assert outcome(socket.getaddrinfo, "no.such.name.invalid", 1).startswith("gaierror")
            print("same")
        """
        collector, server = Collector(), Server()
        done = run(code, server.port, collector=collector)
        self.assertEqual(done.stdout, "same\n")
        self.assertEqual([r.payload for r in collector.of("goodbye")], [{"reason": "exit"}])
        collector.close()
        server.close()

    def test_wrappers_look_like_the_originals(self) -> None:
        code = """
            import inspect, pickle, socket, ssl, _socket, threading, asyncio
            from concurrent.futures import ThreadPoolExecutor
            for owner, name in [(socket.socket, "accept"), (ssl.SSLSocket, "read"), (ssl.SSLObject, "write"),
                                (threading.Thread, "start"), (ThreadPoolExecutor, "submit"), (socket, "getaddrinfo"),
                                (asyncio.BaseEventLoop, "create_task")]:
                wrapper = getattr(owner, name)
                original = wrapper.__wrapped__
                assert (wrapper.__name__, wrapper.__qualname__, wrapper.__doc__, wrapper.__module__) == (
                    original.__name__, original.__qualname__, original.__doc__, original.__module__)
                assert inspect.signature(wrapper) == inspect.signature(original)
            assert pickle.loads(pickle.dumps(socket.getaddrinfo)) is socket.getaddrinfo
            assert socket.__spec__.loader is socket.__loader__ and "wiretime" not in type(socket.__loader__).__module__
            assert "def create_connection" in inspect.getsource(socket)
            s = socket.socket()
            assert s.recv.__self__ is s and socket.SocketType is _socket.socket
            s.close()
        """
        collector = Collector()
        run(code, collector=collector)
        collector.close()

    def test_what_a_test_puts_in_the_place_of_the_real_thing(self) -> None:
        """Mocks have every attribute that they are asked for."""
        code = """
            import asyncio, socket
            from unittest import mock
            loop = asyncio.new_event_loop()
            real, loop._selector = loop._selector, mock.Mock()
            loop._selector.select.return_value = ()
            loop.stop()
            loop.run_forever()
            loop._selector.select.assert_called_once_with(0)
            loop._selector = real
            loop.close()
            with mock.patch.object(socket, "getaddrinfo") as asked:
                assert socket.getaddrinfo("a", 1) is asked.return_value
            assert hasattr(socket.getaddrinfo, "__wrapped__")
            from wiretime import guard
            assert guard.active
        """
        collector = Collector()
        run(code, collector=collector)
        collector.close()


if __name__ == "__main__":
    unittest.main()
