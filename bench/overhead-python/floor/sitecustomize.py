# What no tracer in Python that sees the bytes can cost less than: the bytes of every call that sends or reads are copied out with the request
# that caused them, and nothing else. No phases, no routes, no call sites, no idle time, no limits, no TLS, no protection of the application.
# In: BENCH_FLOOR_SOCKET. Out: batches on that socket, every 50 ms. Without it (the configuration `hooks`) the same functions are replaced by
# ones that only call the original.

import _socket
import _thread
import os
import socket
import sys
import time
from contextvars import ContextVar
from itertools import count
from struct import Struct
from time import monotonic_ns

NOTES = "BENCH_FLOOR_SOCKET" in os.environ
INTERVAL_S = 0.05
WRITTEN, READ, REQUEST, QUERY = 1, 2, 3, 4
pack = Struct("<IIQQ").pack
waiting = []
keep = waiting.append
requests = ContextVar("requests", default=0)
current = requests.get
next_request = count(1).__next__
# What accepted sockets did last, by the socket's id: READ or WRITTEN.
accepted = {}


def send_batches():
    to = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    to.connect(os.environ["BENCH_FLOOR_SOCKET"])
    while True:
        time.sleep(INTERVAL_S)
        taken = len(waiting)
        batch = b"".join(waiting[:taken])
        del waiting[:taken]
        to.sendall(batch)


def began(data):
    requests.set(next_request())
    keep(pack(len(data), REQUEST, monotonic_ns(), current()) + data)


def replace(owner, name, hooked, plain):
    setattr(owner, name, (hooked if NOTES else plain)(getattr(owner, name)))


def sending(original):
    def send(self, data, *args):
        if id(self) in accepted:
            accepted[id(self)] = WRITTEN
        else:
            keep(pack(len(data), WRITTEN, monotonic_ns(), current()) + data)
        return original(self, data, *args)

    return send


def receiving(original):
    def recv(self, *args):
        data = original(self, *args)
        if id(self) not in accepted:
            keep(pack(len(data), READ, monotonic_ns(), 0) + data)
        elif accepted[id(self)] == WRITTEN and data:
            accepted[id(self)] = READ
            began(data)
        return data

    return recv


def receiving_into(original):
    def recv_into(self, buffer, *args):
        size = original(self, buffer, *args)
        if id(self) not in accepted:
            keep(pack(size, READ, monotonic_ns(), 0) + bytes(buffer[:size]))
        return size

    return recv_into


def accepting(original):
    def accept(self):
        answer = original(self)
        accepted[id(answer[0])] = WRITTEN
        return answer

    return accept


def closing(original):
    def close(self):
        accepted.pop(id(self), None)
        return original(self)

    return close


def executing(original):
    def execute(self, query, *args, **named):
        start = monotonic_ns()
        result = original(self, query, *args, **named)
        keep(pack(start & 0xFFFFFFFF, QUERY, monotonic_ns(), current()) + query.encode())
        return result

    return execute


def only_calling(original):
    def call(*args, **named):
        return original(*args, **named)

    return call


class Transport:
    __slots__ = ("is_server", "transport", "write")

    def __init__(self, transport, is_server):
        self.transport = transport
        original = transport.write

        def write(data):
            if NOTES and not is_server:
                data = bytes(data)
                keep(pack(len(data), WRITTEN, monotonic_ns(), current()) + data)
            return original(data)

        self.write = write

    def __getattr__(self, name):
        return getattr(self.transport, name)


class Between:
    def __init__(self, protocol, is_server):
        self.protocol = protocol
        self.is_server = is_server

    def __getattr__(self, name):
        return getattr(self.protocol, name)

    def connection_made(self, transport):
        self.wrapped = Transport(transport, self.is_server)
        return self.protocol.connection_made(self.wrapped)

    def data_received(self, data):
        if NOTES:
            if self.is_server:
                began(data)
            else:
                keep(pack(len(data), READ, monotonic_ns(), 0) + data)
        return self.protocol.data_received(data)


class BetweenBuffered(Between):
    def get_buffer(self, hint):
        self.buffer = self.protocol.get_buffer(hint)
        return self.buffer

    def buffer_updated(self, size):
        if NOTES:
            keep(pack(size, READ, monotonic_ns(), 0) + bytes(self.buffer[:size]))
        return self.protocol.buffer_updated(size)


def between(factory, is_server):
    def make():
        protocol = factory()
        return (BetweenBuffered if hasattr(protocol, "get_buffer") else Between)(protocol, is_server)

    return make


def connecting(original):
    async def create_connection(self, factory, *args, **named):
        _, protocol = await original(self, between(factory, False), *args, **named)
        return protocol.wrapped, protocol.protocol

    return create_connection


def serving(original):
    async def create_server(self, factory, *args, **named):
        return await original(self, between(factory, True), *args, **named)

    return create_server


for method in ("send", "sendall"):
    replace(socket.socket, method, sending, only_calling)
replace(socket.socket, "recv", receiving, only_calling)
replace(socket.socket, "recv_into", receiving_into, only_calling)
replace(socket.socket, "accept", accepting, only_calling)
replace(socket.socket, "close", closing, only_calling)
if any("gunicorn" in argument for argument in sys.orig_argv):
    import psycopg

    replace(psycopg.Cursor, "execute", executing, only_calling)
elif any("uvicorn" in argument for argument in sys.orig_argv):
    import uvloop

    replace(uvloop.Loop, "create_connection", connecting, connecting)
    replace(uvloop.Loop, "create_server", serving, serving)
if NOTES:
    _thread.start_new_thread(send_batches, ())
    os.register_at_fork(after_in_child=lambda: _thread.start_new_thread(send_batches, ()))
