# Many calls in fast motion: HTTP-like requests that a server in this process answers, each passing one on to a second server, on TCP connections
# that are made anew now and then. In: how many calls of send and recv. Out: one line of JSON: latencies of requests in ns, resident bytes from time to time.

import json
import os
import socket
import sys
import time

REQUESTS_PER_CONNECTION = 1000
CALLS_PER_REQUEST = 8
SAMPLES = 20


def resident() -> int:
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Pair:
    """Both ends of a TCP connection, in one thread."""

    def __init__(self, listener: socket.socket) -> None:
        self.client = socket.create_connection(listener.getsockname())
        self.server, _ = listener.accept()
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self.client.close()
        self.server.close()


def listen() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def main(calls: int) -> None:
    outer, inner = listen(), listen()
    total = calls // CALLS_PER_REQUEST
    latencies, memory = [], []
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    for number in range(total):
        if number % REQUESTS_PER_CONNECTION == 0:
            if number:
                first.close()
                second.close()
            first, second = Pair(outer), Pair(inner)
        started = time.perf_counter_ns()
        first.client.sendall(b"GET /orders/%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
        first.server.recv(4096)
        second.client.sendall(b"GET /stock/%d HTTP/1.1\r\nHost: y\r\n\r\n" % number)
        second.server.recv(4096)
        second.server.sendall(answer)
        second.client.recv(4096)
        first.server.sendall(answer)
        first.client.recv(4096)
        if number % 50 == 0:
            latencies.append(time.perf_counter_ns() - started)
        if number % (total // SAMPLES) == 0:
            memory.append(resident())
    memory.append(resident())
    latencies.sort()
    print(
        json.dumps(
            {
                "calls": total * CALLS_PER_REQUEST,
                "p50": latencies[len(latencies) // 2],
                "p99": latencies[len(latencies) * 99 // 100],
                "memory": memory,
            }
        )
    )


main(int(sys.argv[1]))
