# A server by hand on asyncio or uvloop, whose handlers block their loop, each in another way. Its comments name lines.

import asyncio
import hashlib
import json
import re
import sys
import time

LONG = 0.3
BIG = [{"name": "x" * 20, "n": n} for n in range(1000)]
WORDS = re.compile("(a+)+$")


def until_late(function):
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        function()  # by function


async def regex():
    until_late(lambda: WORDS.match("a" * 20 + "b"))  # regex


async def dumps():
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        json.dumps(BIG, indent=1)  # dumps


async def hashing():
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 100_000)  # hashing


async def sleeping():
    time.sleep(LONG)  # sleeping


async def quick():
    await asyncio.sleep(0.3)


WAYS = {"regex": regex, "dumps": dumps, "hashing": hashing, "sleeping": sleeping, "quick": quick}


async def connected(reader, writer):
    while head := await reader.readline():
        await WAYS[head.split(b" ")[1].decode()[1:]]()
        while await reader.readline() != b"\r\n":
            pass
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    writer.close()


async def main():
    server = await asyncio.start_server(connected, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if sys.argv[2] == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
