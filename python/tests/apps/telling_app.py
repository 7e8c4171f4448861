# A server that asks another one (argv: port, port of the other) in the way its path says, and answers with what it can see of the
# headers it sent: GET /requests.

import asyncio
import http.client
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, TARGET = int(sys.argv[1]), int(sys.argv[2])
HOST = f"localhost:{TARGET}"
URL = f"http://{HOST}/1"
TRACED = {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}


def plain(headers=None, path="/1", body=None, method="GET", encode=False):
    client = http.client.HTTPConnection("localhost", TARGET)
    client.request(method, path, body, headers or {}, encode_chunked=encode)
    client.getresponse().read()
    client.close()


def urllib_():
    urllib.request.urlopen(URL).read()


def post():
    plain(body=b"x" * 20_000, method="POST")


def by_hand():
    client = http.client.HTTPConnection("localhost", TARGET)
    client.putrequest("PUT", "/1", skip_host=True, skip_accept_encoding=True)
    client.putheader("Host", HOST)
    client.putheader("content-length", "2")
    client.endheaders(b"ab")
    client.getresponse().read()
    client.close()


def requests_():
    import requests

    return str(requests.get(URL).request.headers)


def urllib3_():
    import urllib3

    pool = urllib3.PoolManager()
    pool.request("POST", URL, body=b"abc", headers={"x-a": "b"})
    pool.clear()


def httpx_():
    import httpx

    return str(httpx.get(URL).request.headers)


def httpx_async():
    import httpx

    async def ask():
        async with httpx.AsyncClient() as client:
            return str((await client.post(URL, content=b"abc")).request.headers)

    return asyncio.run(ask())


def httpx_traced():
    import httpx

    httpx.get(URL, headers=TRACED)


def httpx_proxied():
    import httpx

    httpx.get("http://127.0.0.1/1", proxy=f"http://{HOST}")


def aiohttp_(url=URL, **named):
    import aiohttp

    async def ask():
        async with aiohttp.ClientSession() as session, session.get(url, **named) as response:
            await response.read()
            return str(response.request_info.headers)

    return asyncio.run(ask())


def aiohttp_post():
    import aiohttp

    async def ask():
        async with aiohttp.ClientSession() as session, session.post(URL, data=b"abc" * 10_000) as response:
            await response.read()

    asyncio.run(ask())


def tornado_(**headers):
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest

    async def ask():
        request = HTTPRequest(URL, headers=headers)
        await AsyncHTTPClient().fetch(request)
        return str(dict(request.headers))

    return asyncio.run(ask())


WAYS = {
    "plain": plain,
    "urllib": urllib_,
    "post": post,
    "chunked": lambda: plain(
        {"Transfer-Encoding": "chunked"}, body=iter([b"ab", b"cd"]), method="POST", encode=True
    ),
    "byhand": by_hand,
    "requests": requests_,
    "urllib3": urllib3_,
    "httpx": httpx_,
    "httpxasync": httpx_async,
    "aiohttp": aiohttp_,
    "aiohttppost": aiohttp_post,
    "tornado": tornado_,
    "virtual": lambda: plain({"Host": "api.example.com"}),
    "absolute": lambda: plain(path="http://localhost/1"),
    "presigned": lambda: plain(path="/a?X-Amz-Signature=1&n=/1"),
    "traced": lambda: plain(TRACED),
    "zipkin": lambda: plain({"X-B3-TraceId": "1" * 16}),
    "signed": lambda: plain(SIGNED),
    "expect": lambda: plain({"Expect": "100-continue"}, body=b"ab", method="PUT"),
    "amazon": lambda: plain({"X-Amz-Date": "1"}),
    "httpxtraced": httpx_traced,
    "httpxproxied": httpx_proxied,
    "aiohttptraced": lambda: aiohttp_(headers=TRACED),
    "aiohttpvirtual": lambda: aiohttp_(headers={"Host": "api.example.com"}),
    "aiohttpproxied": lambda: aiohttp_("http://127.0.0.1/1", proxy=f"http://{HOST}"),
    "tornadosigned": lambda: tornado_(**SIGNED),
    "nothing": lambda: None,
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        seen = (WAYS[self.path[1:]]() or "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(seen)))
        self.end_headers()
        self.wfile.write(seen)

    def log_message(self, *_):
        pass


plain()
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
