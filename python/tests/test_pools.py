# Pools of one connection, asked twice at once: the second waits as long as the first works, and its first operation on that
# connection has the call that waited.

from __future__ import annotations

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from collector import PYTHON, Collector
from databases import HAS_SERVERS, SERVERS
from programs import has, run

# The first works for 300 ms; whoever came second waits at least so long.
LONG_NS = 200e6

THREADS = """
import sys, threading
def both(work):
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""

SQLALCHEMY = """
from sqlalchemy import create_engine, text
engine = create_engine(sys.argv[1], pool_size=1, max_overflow=0, pool_timeout=20)
def work():
    with engine.connect() as db:
        db.execute(text("SELECT 1 AS first"))
        db.execute(text(sys.argv[2]))
both(work)
"""

PSYCOPG_POOL = """
from psycopg_pool import ConnectionPool
pool = ConnectionPool(sys.argv[1], min_size=1, max_size=1, open=True)
pool.wait()
def work():
    with pool.connection() as db:
        db.execute("SELECT 1 AS first")
        db.execute("SELECT pg_sleep(0.3)")
both(work)
pool.close()
"""

PSYCOPG_POOL_ASYNC = """
import asyncio, sys
from psycopg_pool import AsyncConnectionPool
async def main():
    async with AsyncConnectionPool(sys.argv[1], min_size=1, max_size=1, open=False) as pool:
        await pool.wait()
        async def work():
            async with pool.connection() as db:
                await db.execute("SELECT 1 AS first")
                await db.execute("SELECT pg_sleep(0.3)")
        await asyncio.gather(work(), work())
asyncio.run(main())
"""

ASYNCPG = """
import asyncio, sys, asyncpg
async def main():
    async with asyncpg.create_pool(sys.argv[1], min_size=1, max_size=1) as pool:
        async def work():
            async with pool.acquire() as db:
                await db.execute("SELECT 1 AS first")
                await db.execute("SELECT pg_sleep(0.3)")
        await asyncio.gather(work(), work())
asyncio.run(main())
"""

SQLALCHEMY_ASYNCPG = """
import asyncio, sys
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
async def main():
    engine = create_async_engine(sys.argv[1], pool_size=1, max_overflow=0)
    async def work():
        async with engine.connect() as db:
            await db.execute(text("SELECT 1 AS first"))
            await db.execute(text("SELECT pg_sleep(0.3)"))
    await asyncio.gather(work(), work())
    await engine.dispose()
asyncio.run(main())
"""

REDIS = """
import redis
pool = redis.BlockingConnectionPool.from_url(sys.argv[1], max_connections=1, timeout=20)
client = redis.Redis(connection_pool=pool)
both(lambda: client.blpop("nothing:first", 0.3))
"""

REDIS_ASYNC = """
import asyncio, sys
import redis.asyncio as redis
async def main():
    pool = redis.BlockingConnectionPool.from_url(sys.argv[1], max_connections=1, timeout=20)
    client = redis.Redis(connection_pool=pool)
    await asyncio.gather(*(client.blpop("nothing:first", 0.3) for _ in range(2)))
    await pool.disconnect()
asyncio.run(main())
"""

# A server that answers after 300 ms.
SLOW_SERVER = """
import http.server, threading, time
class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args): pass
    def do_GET(self):
        time.sleep(0.3)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/first"
"""

REQUESTS = """
import requests
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=1, pool_block=True))
both(lambda: session.get(url))
session.close()
"""

HTTPX = """
import httpx
client = httpx.Client(limits=httpx.Limits(max_connections=1), timeout=20)
both(lambda: client.get(url))
client.close()
"""

HTTPX_ASYNC = """
import asyncio, httpx
async def main():
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1), timeout=20) as client:
        await asyncio.gather(client.get(url), client.get(url))
asyncio.run(main())
"""


class Pools(unittest.TestCase):
    def check(self, modules: str, code: str, *args: object) -> None:
        if not all(map(has, modules.split())):
            return
        with self.subTest(modules):
            collector = Collector()
            self.addCleanup(collector.close)
            run(code, *args, collector=collector)
            self.assertEqual(
                [said.payload for said in collector.of("goodbye") if "error" in said.payload], []
            )
            granted = {grant.call: grant.time for grant in collector.of("grant")}
            waits = {c.call: granted[c.call] - c.time for c in collector.of("call") if c.call in granted}
            longest = max(waits, key=lambda call: waits[call])
            self.assertGreater(waits[longest], LONG_NS)
            users = operations(collector, longest)
            self.assertEqual(len(users), 1, users)
            self.assertRegex(users[0], "first|BEGIN")

    @unittest.skipUnless(HAS_SERVERS, "needs the servers of scripts/test-python.ts")
    def test_databases(self) -> None:
        url = SERVERS["postgres"]["url"]
        of = "://" + url.partition("://")[2]
        sleep = "SELECT pg_sleep(0.3)"
        self.check("sqlalchemy psycopg2", THREADS + SQLALCHEMY, "postgresql+psycopg2" + of, sleep)
        self.check("sqlalchemy psycopg", THREADS + SQLALCHEMY, "postgresql+psycopg" + of, sleep)
        self.check("sqlalchemy asyncpg", SQLALCHEMY_ASYNCPG, "postgresql+asyncpg" + of)
        self.check("psycopg psycopg_pool", THREADS + PSYCOPG_POOL, url)
        self.check("psycopg_pool psycopg", PSYCOPG_POOL_ASYNC, url)
        self.check("asyncpg", ASYNCPG, url)

    @unittest.skipUnless(HAS_SERVERS and "mariadb" in SERVERS, "needs MariaDB")
    def test_mysql(self) -> None:
        of = "://" + SERVERS["mariadb"]["url"].partition("://")[2]
        self.check("sqlalchemy pymysql", THREADS + SQLALCHEMY, "mysql+pymysql" + of, "SELECT sleep(0.3)")
        self.check("sqlalchemy MySQLdb", THREADS + SQLALCHEMY, "mysql+mysqldb" + of, "SELECT sleep(0.3)")

    @unittest.skipUnless(HAS_SERVERS, "needs the servers of scripts/test-python.ts")
    def test_redis(self) -> None:
        self.check("redis", THREADS + REDIS, SERVERS["redis"]["url"])
        self.check("redis.asyncio", REDIS_ASYNC, SERVERS["redis"]["url"])

    def test_http(self) -> None:
        self.check("requests", THREADS + SLOW_SERVER + REQUESTS)
        self.check("httpx", THREADS + SLOW_SERVER + HTTPX)
        self.check("httpx httpcore", SLOW_SERVER + HTTPX_ASYNC)


def operations(collector: Collector, call: int) -> list[str]:
    """What was written or asked with this call."""
    found = [said.statement for said in collector.of("driver") if said.call == call]
    for write in collector.of("write"):
        if write.contexts[0][2] == call:
            found.append(write.bytes.decode("latin-1"))
    return found


MOCKED = """
import redis
from unittest.mock import MagicMock
made = MagicMock()
pool = redis.BlockingConnectionPool(max_connections=1)
pool.make_connection = lambda: made
pool.get_connection()
print(sorted(made._mock_children))
"""


class Mocks(unittest.TestCase):
    @unittest.skipUnless(has("redis"), "needs redis")
    def test_a_connection_that_answers_every_name(self) -> None:
        """What a mock is asked for it keeps: the agent asks it nothing."""
        collector = Collector()
        self.addCleanup(collector.close)
        with_agent = run(MOCKED, collector=collector).stdout
        self.assertNotEqual(collector.of("grant"), [])
        bare = subprocess.run([PYTHON, "-c", MOCKED], capture_output=True, text=True, check=True).stdout
        self.assertEqual(with_agent, bare)


if __name__ == "__main__":
    unittest.main()
