# What really went over a connection, seen from the other end. In: clients that connect. Out: both directions of every connection,
# and whether an agent recorded the same. `Server` speaks HTTP, plain or TLS; `Proxy` passes on to a real server.

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading

from collector import Collector, new_folder, until


class Connection:
    """Of one client, by its port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent = bytearray()
        self.received = bytearray()
        self.is_open = True


class Listener:
    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, address = self._listener.accept()
            except OSError:
                return
            connection = Connection(address[1])
            self.connections.append(connection)
            threading.Thread(target=self._serve_guarded, args=(client, connection), daemon=True).start()

    def _serve_guarded(self, client: socket.socket, connection: Connection) -> None:
        try:
            self._serve(client, connection)
        except OSError:
            pass
        finally:
            connection.is_open = False
            client.close()

    def _serve(self, client: socket.socket, connection: Connection) -> None:
        raise NotImplementedError

    def close(self) -> None:
        # Without `shutdown` the thread in `accept` would keep it open.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()


class Server(Listener):
    """HTTP/1.1: `/n` answers n bytes, `/chunked/n` in chunks; keeps connections open."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        super().__init__()

    def _serve(self, client: socket.socket, connection: Connection) -> None:
        if self._context is not None:
            client = self._context.wrap_socket(client, server_side=True)
        waiting = b""
        while True:
            while b"\r\n\r\n" not in waiting:
                chunk = client.recv(1 << 16)
                if not chunk:
                    client.close()
                    return
                connection.sent += chunk
                waiting += chunk
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            waiting = self._skip_body(client, connection, head, waiting)
            for part in answer_to(head):
                connection.received += part
                client.sendall(part)

    def _skip_body(self, client: socket.socket, connection: Connection, head: bytes, waiting: bytes) -> bytes:
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if line.lower() == b"transfer-encoding: chunked":
                return self._skip_chunks(client, connection, waiting)
        while len(waiting) < length:
            chunk = client.recv(1 << 16)
            connection.sent += chunk
            waiting += chunk
        return waiting[length:]

    def _skip_chunks(self, client: socket.socket, connection: Connection, waiting: bytes) -> bytes:
        while b"0\r\n\r\n" not in waiting:
            chunk = client.recv(1 << 16)
            connection.sent += chunk
            waiting += chunk
        return waiting.partition(b"0\r\n\r\n")[2]


def answer_to(head: bytes) -> list[bytes]:
    target = head.split(b" ")[1].decode()
    size = int(target.rpartition("/")[2])
    body = bytes(index % 253 for index in range(size))
    if "chunked" not in target:
        return [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + body]
    parts = [body[at : at + 1000] for at in range(0, size, 1000)]
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    return [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *chunks, b"0\r\n\r\n"]


class Proxy(Listener):
    """Passes everything on to another port."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        super().__init__()

    def _serve(self, client: socket.socket, connection: Connection) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target_port)) as server:
            back = threading.Thread(target=self._pass_back, args=(client, server, connection), daemon=True)
            back.start()
            while True:
                chunk = client.recv(1 << 16)
                connection.sent += chunk
                if not chunk:
                    server.shutdown(socket.SHUT_WR)
                    break
                server.sendall(chunk)
            back.join()

    def _pass_back(self, client: socket.socket, server: socket.socket, connection: Connection) -> None:
        try:
            while True:
                chunk = server.recv(1 << 16)
                if not chunk:
                    client.shutdown(socket.SHUT_WR)
                    return
                connection.received += chunk
                client.sendall(chunk)
        except OSError:
            pass


def certificate() -> tuple[str, str]:
    """A key and a certificate for localhost, made by openssl."""
    folder = new_folder()
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


def server_context(files: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    return context


def recorded(collector: Collector, port: int) -> tuple[list[object], list[object], dict[int, str]]:
    """Writes and reads of the connections that a client had from this port; and the ids, with what each is."""
    carriers = {
        phase.connection
        for phase in collector.of("phase")
        if phase.facts["phase"] == 2 and phase.payload.get("localPort") == port
    }
    kinds = dict.fromkeys(carriers, "plain")
    kinds.update({opened.connection: "tls" for opened in collector.of("open") if opened.over in carriers})
    writes = [write for write in collector.of("write") if write.connection in kinds]
    reads = [read for read in collector.of("read") if read.connection in kinds]
    return writes, reads, kinds


def assert_same(test, collector: Collector, listener: Listener) -> None:
    """Everything that was captured is what went over the wire, at its place; and all sizes are right."""
    until("the connections have ended", lambda: not any(c.is_open for c in listener.connections))
    connections = [c for c in listener.connections if c.sent or c.received]
    test.assertGreater(len(connections), 0)
    for connection in connections:
        writes, reads, _ = recorded(collector, connection.port)
        at = 0
        for write in writes:
            test.assertEqual(write.bytes, connection.sent[at : at + write.captured])
            at += write.facts["size"]
        test.assertEqual(at, len(connection.sent), "bytes written")
        at = 0
        for read in reads:
            size = read.facts["size"]
            test.assertEqual(read.head, connection.received[at : at + len(read.head)])
            test.assertEqual(read.tail, connection.received[at + size - len(read.tail) : at + size])
            at += size
        test.assertEqual(at, len(connection.received), "bytes read")
    errors = [stats.payload["errors"] for stats in collector.of("stats")]
    test.assertEqual([error for error in errors if error], [])
