# Which request caused it? In: a server under the agent, 32 clients that keep their connections. Each request asks the backend for
# something that has its own name: the truth. Out: how many operations were given to the right request.

from __future__ import annotations

import http.client
import os
import re
import threading
from dataclasses import dataclass, field

from collector import HERE, Collector, until
from programs import free_port, running
from truth import Server

CLIENTS = 32
REQUESTS_PER_CLIENT = 12
APPS = os.path.join(HERE, "apps")
NAME = re.compile(r"q\d+x")


@dataclass
class Result:
    requests: int
    operations: int
    right: int
    wrong: list[str]
    ended: int
    statuses: set[int]
    aborted: int
    errors: list[object]
    routes: set[str] = field(default_factory=set)


def measure(command: list[str], how: str, per_request: int, prefix: str = "") -> Result:
    """`command` has PORT where its port goes; `per_request`: operations that a request causes."""
    collector, backend, port = Collector(), Server(), free_port()
    command = [argument.replace("PORT", str(port)) for argument in command]
    with running(command, port, collector, cwd=APPS, BACKEND=str(backend.port)):
        send_all(port, f"{prefix}/{how}")
        total = CLIENTS * REQUESTS_PER_CLIENT
        until("all operations were asked", lambda: asked(backend) == total * per_request)
        # Without waiting for the end of a connection.
        until("all requests have ended", lambda: len(collector.of("end")) == total)
    result = judge(collector)
    collector.close()
    backend.close()
    return result


def send_all(port: int, path: str) -> None:
    """
    Clients connect and ask first one after the other, then all at once: the queue of Django's own server has ten places, and the kernel
    resets some of those that find it full.
    """
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(CLIENTS)]
    for client, connection in enumerate(connections):
        send(connection, path, client, 0)
    threads = [
        threading.Thread(target=send_rest, args=(connection, path, client))
        for client, connection in enumerate(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send_rest(connection: http.client.HTTPConnection, path: str, client: int) -> None:
    for number in range(1, REQUESTS_PER_CLIENT):
        send(connection, path, client, number)
    connection.close()


def send(connection: http.client.HTTPConnection, path: str, client: int, number: int) -> None:
    name = f"q{client * 1000 + number}x"
    if number % 3 == 2 and "sync" not in path:
        connection.request("POST", f"{path}/{name}", b"x" * 3000)
    else:
        connection.request("GET", f"{path}/{name}")
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200 and body == name.encode(), (answer.status, body)


def asked(backend: Server) -> int:
    return sum(connection.sent.count(b"GET /") for connection in backend.connections)


def judge(collector: Collector) -> Result:
    started = {(start.process, start.request): start.target for start in collector.of("start")}
    result = Result(0, 0, 0, [], 0, set(), 0, [])
    result.requests = len(started)
    for end in collector.of("end"):
        result.ended += 1
        result.aborted += end.flags
        result.statuses.add(end.status)
        result.routes.add(end.route)
    for write in collector.of("write"):
        name = NAME.search(write.bytes.decode("latin-1"))
        if name is None:
            continue
        result.operations += 1
        target = started.get((write.process, write.contexts[0][1]), "none")
        if name.group() in target:
            result.right += 1
        else:
            result.wrong.append(f"{name.group()} → {target}")
    for said in collector.of("stats", "goodbye"):
        if said.payload.get("errors") or said.payload.get("error"):
            result.errors.append(said.payload)
    return result


def check(
    test, command: list[str], how: str, per_request: int, prefix: str = "", route: str | None = None
) -> None:
    """100 % right, and every request began and ended, with its status."""
    result = measure(command, how, per_request, prefix)
    total = CLIENTS * REQUESTS_PER_CLIENT
    test.assertEqual(result.errors, [])
    test.assertEqual(result.wrong[:5], [])
    test.assertEqual((result.requests, result.ended), (total, total))
    test.assertEqual((result.operations, result.right), (total * per_request, total * per_request))
    test.assertEqual((result.statuses, result.aborted), ({200}, 0))
    if route is not None:
        test.assertEqual(result.routes, {route})
