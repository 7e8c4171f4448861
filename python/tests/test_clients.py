# Client libraries people use: what is recorded is what went over the wire. Needs their packages, and for the databases the servers
# of `npm run test:python` (WIRETIME_TEST_SERVERS).

from __future__ import annotations

import json
import os
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from collector import Collector
from programs import has, run
from test_bytes import FILES, body_of
from truth import Listener, Proxy, Server, assert_same, server_context

SERVERS = json.loads(os.environ.get("WIRETIME_TEST_SERVERS", "{}"))
UVLOOP = """
import uvloop
uvloop.install()
"""

# Library → what it does with URL.
HTTP = {
    "requests": """
        import requests
        with requests.Session() as s:
            s.trust_env, s.verify = False, sys.argv[3]
            for path in ("/5", "/chunked/5000", "/90000"):
                assert len(s.get(URL + path).content) == int(path.rpartition("/")[2])
            s.post(URL + "/3", data=b"x" * 30000).content
    """,
    "httpx": """
        import httpx
        with httpx.Client(trust_env=False, verify=CONTEXT or True) as s:
            for path in ("/5", "/chunked/5000", "/90000"):
                assert len(s.get(URL + path).content) == int(path.rpartition("/")[2])
            s.post(URL + "/3", content=b"x" * 30000)
    """,
    "httpx async": """
        import asyncio, httpx
        async def main():
            async with httpx.AsyncClient(trust_env=False, verify=CONTEXT or True) as s:
                for path in ("/5", "/chunked/5000", "/90000"):
                    assert len((await s.get(URL + path)).content) == int(path.rpartition("/")[2])
                await asyncio.gather(*(s.post(URL + "/3", content=b"x" * 30000) for _ in range(4)))
        asyncio.run(main())
    """,
    "aiohttp": """
        import asyncio, aiohttp
        async def main():
            async with aiohttp.ClientSession(trust_env=False) as s:
                for path in ("/5", "/chunked/5000", "/90000"):
                    async with s.get(URL + path, ssl=CONTEXT or True) as answer:
                        assert len(await answer.read()) == int(path.rpartition("/")[2])
                async with s.post(URL + "/3", data=b"x" * 30000, ssl=CONTEXT or True) as answer:
                    await answer.read()
            await asyncio.sleep(0.1)
        asyncio.run(main())
    """,
}
HTTP["urllib3"] = """
        import urllib3
        with urllib3.PoolManager(ca_certs=sys.argv[3] or None) as s:
            for path in ("/5", "/chunked/5000", "/90000"):
                assert len(s.request("GET", URL + path).data) == int(path.rpartition("/")[2])
            s.request("POST", URL + "/3", body=b"x" * 30000)
    """
HTTP["urllib"] = """
        import urllib.request
        for path in ("/5", "/chunked/5000", "/90000"):
            request = urllib.request.Request(URL + path, headers={"Connection": "close"})
            with urllib.request.urlopen(request, context=CONTEXT) as answer:
                assert len(answer.read()) == int(path.rpartition("/")[2])
    """
HTTP["tornado"] = """
        import asyncio
        from tornado.httpclient import AsyncHTTPClient
        async def main():
            client = AsyncHTTPClient()
            for path in ("/5", "/chunked/5000", "/90000"):
                answer = await client.fetch(URL + path, ca_certs=sys.argv[3] or None)
                assert len(answer.body) == int(path.rpartition("/")[2])
            await client.fetch(URL + "/3", method="POST", body=b"x" * 30000, ca_certs=sys.argv[3] or None)
            client.close()
        asyncio.run(main())
    """
# Without asyncio: what is patched first, and how it is asked.
HTTP["gevent requests"] = "from gevent import monkey; monkey.patch_all()\n" + body_of(HTTP["requests"])
HTTP["eventlet"] = "import eventlet; eventlet.monkey_patch()\n" + body_of("""
        import http.client
        if CONTEXT:
            c = http.client.HTTPSConnection("localhost", PORT, context=CONTEXT)
        else:
            c = http.client.HTTPConnection("localhost", PORT)
        for path in ("/5", "/chunked/5000", "/90000"):
            c.request("GET", path)
            assert len(c.getresponse().read()) == int(path.rpartition("/")[2])
        c.request("POST", "/3", b"x" * 30000)
        c.getresponse().read()
        c.close()
    """)
HTTP["trio httpx"] = """
        import trio, httpx
        async def main():
            async with httpx.AsyncClient(trust_env=False, verify=CONTEXT or True) as s:
                for path in ("/5", "/chunked/5000", "/90000"):
                    assert len((await s.get(URL + path)).content) == int(path.rpartition("/")[2])
                await s.post(URL + "/3", content=b"x" * 30000)
        trio.run(main)
    """
DATABASES = {
    "redis": (
        "redis",
        """
        import redis
        with redis.Redis(port=PORT) as r:
            r.set("wiretime:py", b"v" * 20000)
            assert len(r.get("wiretime:py")) == 20000
            with r.pipeline() as p:
                for number in range(50):
                    p.incr("wiretime:py:n")
                p.execute()
        """,
    ),
    "redis async": (
        "redis",
        """
        import asyncio, redis.asyncio as redis
        async def main():
            async with redis.Redis(port=PORT) as r:
                await r.set("wiretime:py2", b"v" * 20000)
                await asyncio.gather(*(r.get("wiretime:py2") for _ in range(8)))
        asyncio.run(main())
        """,
    ),
    "asyncpg": (
        "postgres",
        """
        import asyncio, asyncpg
        async def main():
            c = await asyncpg.connect(URL)
            assert len(await c.fetch("select generate_series(1, $1::int)", 3000)) == 3000
            assert await c.fetchval("select $1::text", "x" * 30000) == "x" * 30000
            await c.close()
        asyncio.run(main())
        """,
    ),
    "pg8000": (
        "postgres",
        """
        import pg8000.native, urllib.parse
        url = urllib.parse.urlsplit(URL)
        c = pg8000.native.Connection(url.username, host="127.0.0.1", port=PORT, password=url.password, database="postgres")
        assert len(c.run("select generate_series(1, :n)", n=3000)) == 3000
        assert c.run("select :text", text="x" * 30000) == [["x" * 30000]]
        c.close()
        """,
    ),
    "pymysql": (
        "mariadb",
        """
        import pymysql, urllib.parse
        url = urllib.parse.urlsplit(URL)
        c = pymysql.connect(host="127.0.0.1", port=PORT, user=url.username, password=url.password, database="test")
        with c.cursor() as rows:
            rows.execute("select seq from seq_1_to_3000")
            assert len(rows.fetchall()) == 3000
            rows.execute("select %s", ("x" * 30000,))
        c.close()
        """,
    ),
    "aiomysql": (
        "mariadb",
        """
        import asyncio, aiomysql, urllib.parse
        async def main():
            url = urllib.parse.urlsplit(URL)
            c = await aiomysql.connect(host="127.0.0.1", port=PORT, user=url.username, password=url.password, db="test")
            async with c.cursor() as rows:
                await rows.execute("select seq from seq_1_to_3000")
                assert len(await rows.fetchall()) == 3000
                await rows.execute("select %s", ("x" * 30000,))
            await c.ensure_closed()
        asyncio.run(main())
        """,
    ),
}


def module_of(library: str) -> str:
    return library.split()[0]


class Case(unittest.TestCase):
    def check(self, code: str, listener: Listener, *args: object) -> None:
        collector = Collector()
        self.addCleanup(collector.close)
        self.addCleanup(listener.close)
        # Libraries have warnings of their own.
        run("import warnings; warnings.resetwarnings()\n" + code, *args, collector=collector)
        assert_same(self, collector, listener)


class Http(Case):
    def test_plain_and_tls(self) -> None:
        for library, code in HTTP.items():
            for tls in ("plain", "tls"):
                for loop in ("", UVLOOP) if "asyncio" in code else ("",):
                    if not has(module_of(library)) or (loop and not has("uvloop")):
                        continue
                    with self.subTest(library, tls=tls, uvloop=bool(loop)):
                        server = Server(server_context(FILES) if tls == "tls" else None)
                        url = f"URL = {'https' if tls == 'tls' else 'http'}://localhost:{server.port}"
                        whole = loop + url.replace("= ", "= '") + "'\n" + body_of(code)
                        self.check(whole, server, server.port, tls, FILES[1])


@unittest.skipUnless(SERVERS, "npm run test:python starts the servers")
class Databases(Case):
    def test_plain(self) -> None:
        for library, (server, code) in DATABASES.items():
            for loop in ("", UVLOOP) if "asyncio" in code else ("",):
                if not has(module_of(library)) or (loop and not has("uvloop")):
                    continue
                with self.subTest(library, uvloop=bool(loop)):
                    url = urllib.parse.urlsplit(SERVERS[server]["url"])
                    proxy = Proxy(url.port or 0)
                    own = url._replace(netloc=url.netloc.replace(f":{url.port}", f":{proxy.port}")).geturl()
                    self.check(loop + f"URL = {own!r}\n" + body_of(code), proxy, proxy.port, "plain", "")


if __name__ == "__main__":
    unittest.main()
