# A server by hand on asyncio: `streams` has one task per connection for all its requests, `protocol` one per request.

import asyncio
import sys

from work import work_async


async def answer(head, writer):
    _, how, name = head.split(b" ")[1].decode().split("/")
    body = (await work_async(how, name)).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
    writer.write(body)


# Before 3.11 the loop does not keep the tasks of connections alive.
tasks = set()


async def connected(reader, writer):
    tasks.add(asyncio.current_task())
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST"):
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0]))
            await answer(head, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
    tasks.discard(asyncio.current_task())


class Protocol(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.waiting = b""

    def data_received(self, data):
        self.waiting += data
        head, end, body = self.waiting.partition(b"\r\n\r\n")
        length = int((head.lower().partition(b"content-length: ")[2].split(b"\r")[0] or b"0").decode())
        if end and len(body) >= length:
            self.waiting = body[length:]
            self.task = asyncio.ensure_future(answer(head, self.transport))


async def main():
    loop = asyncio.get_running_loop()
    if sys.argv[2] == "streams":
        server = await asyncio.start_server(connected, "127.0.0.1", int(sys.argv[1]), backlog=128)
    else:
        server = await loop.create_server(Protocol, "127.0.0.1", int(sys.argv[1]), backlog=128)
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
