# What programs do to sockets behind Python's back or at its edges. In: the same program without and with the agent. Out: it prints the
# same, and the agent met no error of its own.

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from collector import Collector, until
from programs import PYTHON

PRELUDE = """
import array, errno, os, select, socket, struct, sys, threading, time

def pair():
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    listener.close()
    return client, server

def attempt(function, *args):
    try:
        print(function.__name__, function(*args))
    except Exception as error:
        print(function.__name__, type(error).__name__, getattr(error, "errno", None), str(error))

def everything(sock):
    got = b""
    while True:
        part = sock.recv(70000)
        if not part:
            return len(got), sum(got)
        got += part
"""
CASES = {
    "a socket that goes to another process": """
        left, right = socket.socketpair()
        client, server = pair()
        if os.fork() == 0:
            left.close()
            message, fds, _, _ = socket.recv_fds(right, 10, 1)
            passed = socket.socket(fileno=fds[0])
            passed.sendall(b"from the child: " + passed.recv(100))
            passed.close()
            os._exit(7)
        right.close()
        client.sendall(b"GET /a HTTP/1.1\\r\\n\\r\\n")
        socket.send_fds(left, [b"x"], [server.fileno()])
        server.close()
        print(client.makefile("rb").read(), os.wait()[1])
    """,
    "half-closed": """
        client, server = pair()
        client.sendall(b"POST /a HTTP/1.0\\r\\n\\r\\nbody")
        client.shutdown(socket.SHUT_WR)
        print(everything(server))
        server.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nlate")
        server.close()
        print(everything(client))
        attempt(client.send, b"more")
    """,
    "non-blocking": """
        client, server = pair()
        for sock in (client, server):
            sock.setblocking(False)
        attempt(client.recv, 10)
        total = 0
        while True:
            try:
                total += client.send(b"x" * 100000)
            except BlockingIOError:
                break
        print(total > 100000)
        got = 0
        while got < total:
            select.select([server], [], [])
            got += len(server.recv(1 << 20))
        print(got == total)
        server.settimeout(0.01)
        attempt(server.recv, 10)
        fresh = socket.socket()
        fresh.setblocking(False)
        code = fresh.connect_ex(("127.0.0.1", 1))
        print(code in (errno.EINPROGRESS, errno.ECONNREFUSED))
        select.select([], [fresh], [], 5)
        print(fresh.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    """,
    "makefile": """
        client, server = pair()
        reader, writer = server.makefile("rb"), client.makefile("wb", buffering=10)
        writer.write(b"line one\\nline two\\n" + b"z" * 50)
        writer.flush()
        client.close()
        print(client.fileno() >= 0, reader.readline(), reader.readline())
        writer.close()
        print(client.fileno(), reader.read())
        text = socket.socketpair()
        print(text[0].makefile("w", encoding="utf-8").write("ü"), text[0].makefile("rw").writable())
    """,
    "many accept on one port": """
        first = socket.socket()
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        first.bind(("127.0.0.1", 0))
        second = socket.socket()
        second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        second.bind(first.getsockname())
        first.listen(); second.listen()
        clients = [socket.create_connection(first.getsockname()) for _ in range(20)]
        accepted = 0
        while accepted < 20:
            for listener in select.select([first, second], [], [])[0]:
                sock, _ = listener.accept()
                sock.sendall(b"ok")
                accepted += 1
                sock.close()
        print([everything(client) for client in clients])
    """,
    "sendfile": """
        client, server = pair()
        with open(sys.argv[1], "wb") as file:
            file.write(bytes(range(256)) * 500)
        with open(sys.argv[1], "rb") as file:
            print(client.sendfile(file, 10), client.sendfile(file, 0, 100))
        with open(sys.argv[1], "rb") as file:
            print(os.sendfile(client.fileno(), file.fileno(), 0, 1000))
            attempt(os.sendfile, -1, file.fileno(), 0, 1000)
        client.close()
        print(everything(server))
        attempt(client.sendfile, None)
    """,
    "closed behind its back": """
        client, server = pair()
        client.sendall(b"before")
        os.close(client.fileno())
        attempt(client.send, b"x")
        attempt(client.recv, 10)
        attempt(client.getpeername)
        other_client, other_server = pair()
        other_client.sendall(b"other")
        print(other_server.recv(10))
        attempt(client.close)
        print(everything(server))
        attempt(other_client.send, b"x")
    """,
    "one descriptor in two sockets": """
        client, server = pair()
        twin = client.dup()
        twin.sendall(b"one ")
        client.sendall(b"two ")
        client.close()
        again = socket.socket(fileno=twin.detach())
        again.sendall(b"three")
        print(twin.fileno(), again.getpeername() == server.getsockname())
        again.close()
        print(everything(server))
        attempt(again.send, b"x")
        attempt(socket.socket, 2, 1, 0, 999)
    """,
    "odd buffers": """
        client, server = pair()
        client.sendall(array.array("i", [1, 2, 3]))
        client.sendall(memoryview(b"abcdefgh")[::1])
        print(client.sendmsg([b"a", bytearray(b"bc"), memoryview(b"def")]), client.sendmsg(part for part in (b"g", b"h")))
        attempt(client.send, "text")
        attempt(client.sendall, None)
        attempt(client.sendall, memoryview(b"abcdefgh")[::2])
        attempt(client.sendmsg, 7)
        attempt(client.send)
        attempt(client.recv, -1)
        attempt(client.recv_into, b"read only")
        client.close()
        buffer = array.array("H", [0] * 4)
        print(server.recv(4, socket.MSG_PEEK), server.recv_into(buffer), buffer.tolist())
        print(server.recvmsg_into([bytearray(2), bytearray(3)])[0], server.recvfrom_into(bytearray(5), 3)[0])
        print(everything(server))
    """,
    "reset": """
        client, server = pair()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
        server.close()
        select.select([client], [], [], 5)
        attempt(client.recv, 10)
        attempt(client.send, b"x")
        attempt(client.shutdown, 2)
    """,
    "subclasses and threads": """
        class Mine(socket.socket):
            def send(self, data, *more):
                return super().send(data.upper(), *more)
            def recv(self, *args):
                return super().recv(*args)[::-1]
        listener = socket.create_server(("127.0.0.1", 0))
        mine = Mine()
        mine.connect(listener.getsockname())
        server, _ = listener.accept()
        print(mine.send(b"abc"), server.recv(10), server.send(b"xyz"), mine.recv(10))
        threading.Thread(target=lambda: (time.sleep(0.02), mine.shutdown(2))).start()
        print(mine.recv(10), isinstance(mine, socket.socket), type(server) is socket.socket)
    """,
}


class Rough(unittest.TestCase):
    def printed(self, code: str, env: dict[str, str], file: str) -> tuple[int, str, str]:
        command = [PYTHON, "-W", "ignore", "-c", PRELUDE + textwrap.dedent(code), file]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_the_program_sees_the_same(self) -> None:
        for name, code in CASES.items():
            with self.subTest(name):
                collector = Collector()
                file = os.path.join(os.path.dirname(collector.path), "file")
                traced = collector.environment()
                without = self.printed(code, {**traced, "PYTHONPATH": "", "WIRETIME_SOCKET": ""}, file)
                self.assertEqual(without[0], 0, without)
                self.assertNotEqual(without[1], "")
                self.assertEqual(self.printed(code, traced, file), without)
                until("all records have arrived", lambda c=collector: c.of("goodbye") and c.is_idle)
                said = [one.payload for one in collector.of("hello", "stats", "goodbye")]
                self.assertEqual([one for one in said if one.get("errors") or one.get("error")], [])
                opened = {(one.process, one.connection) for one in collector.of("open")}
                self.assertNotEqual(opened, set())
                collector.close()


if __name__ == "__main__":
    unittest.main()
