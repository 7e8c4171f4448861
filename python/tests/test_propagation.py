# What others get from a traced program: byte for byte what they get without, but for one header. A raw server looks at it.
# And the rules: who is told, and what. As in src/agent/requests/propagation.test.ts.

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import textwrap
import unittest
from ast import literal_eval

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import Collector, until
from programs import PYTHON, accepts, free_port, has, run, running
from truth import Server, certificate

from wiretime.propagation import Policy, forbids, head_of
from wiretime.trace import Trace

TRACE = re.compile(r"^traceparent: (00-[0-9a-f]{32}-[0-9a-f]{16}-0[01])\r\n", re.M | re.I)
B3 = re.compile(r"^b3: ([0-9a-f]+-[0-9a-f]{16}-[01])\r\n", re.M | re.I)
PARENT = "b7ad6b7169203331"
ID = "0af7651916cd43dd8448eb211c80319c"

# Name of the way, and the module it needs.
TOLD = {
    "plain": "http",
    "urllib": "http",
    "post": "http",
    "chunked": "http",
    "byhand": "http",
    "requests": "requests",
    "urllib3": "urllib3",
    "httpx": "httpx",
    "httpxasync": "httpx",
    "aiohttp": "aiohttp",
    "aiohttppost": "aiohttp",
    "tornado": "tornado",
}
NOT_TOLD = {
    "virtual": "http",
    "absolute": "http",
    "presigned": "http",
    "traced": "http",
    "zipkin": "http",
    "signed": "http",
    "amazon": "http",
    "expect": "http",
    "httpxtraced": "httpx",
    "httpxproxied": "httpx",
    "aiohttptraced": "aiohttp",
    "aiohttpvirtual": "aiohttp",
    "aiohttpproxied": "aiohttp",
    "tornadosigned": "tornado",
}


class Wire(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()
        cls.collector = Collector()
        traced = cls.collector.environment()
        bare = {**traced, "PYTHONPATH": "", "WIRETIME_SOCKET": ""}
        cls.programs = {}
        environments = {"bare": bare, "traced": traced, "off": {**traced, "WIRETIME_PROPAGATE": "off"}}
        for name, env in environments.items():
            port = free_port()
            command = [PYTHON, "telling_app.py", str(port), str(cls.server.port)]
            process = subprocess.Popen(command, env=env, cwd=os.path.join(HERE, "apps"))
            cls.programs[name] = (process, port)
        for name, (process, port) in cls.programs.items():
            until(f"{name} listens", lambda port=port: accepts(port) or process.poll() is not None)

    @classmethod
    def tearDownClass(cls) -> None:
        for process, _ in cls.programs.values():
            process.terminate()
            process.wait()
        cls.server.close()
        cls.collector.close()

    def got(self, program: str, way: str, headers: dict[str, str] | None = None) -> str:
        """What the server got from the program when that was asked with these headers."""
        before = len(self.server.connections)
        client = http.client.HTTPConnection("127.0.0.1", self.programs[program][1], timeout=30)
        client.request("GET", f"/{way}", headers=headers or {})
        answer = client.getresponse()
        seen = answer.read().decode()
        client.close()
        self.assertEqual(answer.status, 200)
        self.assertNotIn("traceparent", seen if way in TOLD else "")
        until(f"bytes of {way}", lambda: len(self.server.connections) == before + 1)
        connection = self.server.connections[before]
        until(f"the end of {way}", lambda: not connection.is_open)
        return connection.sent.decode("latin-1")

    def test_one_header_more_and_nothing_else(self) -> None:
        for way, module in TOLD.items():
            if not has(module):
                continue
            with self.subTest(way):
                without = self.got("bare", way)
                text = self.got("traced", way)
                self.assertRegex(text, TRACE)
                self.assertEqual(text.lower().count("traceparent"), 1)
                self.assertEqual(TRACE.sub("", text), without)
                self.assertEqual(self.got("off", way), without)

    def test_nothing_is_changed(self) -> None:
        for way, module in NOT_TOLD.items():
            if has(module):
                with self.subTest(way):
                    self.assertEqual(self.got("traced", way), self.got("bare", way))

    def test_without_a_request_nothing_is_told(self) -> None:
        """What the programs asked at their start."""
        for connection in self.server.connections[:3]:
            self.assertIn(b"GET /1 ", connection.sent)
            self.assertNotIn(b"traceparent", connection.sent)

    def test_a_trace_that_came_in_goes_on(self) -> None:
        for way in ("plain", "httpx", "aiohttp", "tornado"):
            for flags in ("00", "01"):
                if not has(TOLD[way]):
                    continue
                with self.subTest(way, flags=flags):
                    text = self.got("traced", way, {"traceparent": f"00-{ID}-{PARENT}-{flags}"})
                    told = TRACE.findall(text)[0]
                    self.assertTrue(told.startswith(f"00-{ID}-") and told.endswith(f"-{flags}"), told)
                    self.assertNotIn(PARENT, told)
                    self.assertNotRegex(text, B3)

    def test_b3_goes_on_as_b3_too(self) -> None:
        incoming = {
            "X-B3-TraceId": "463ac35c9f6413ad",
            "X-B3-SpanId": "a2fb4a1d1a96d312",
            "X-B3-Sampled": "0",
        }
        for way in ("plain", "httpx", "aiohttp", "tornado"):
            if not has(TOLD[way]):
                continue
            with self.subTest(way):
                text = self.got("traced", way, incoming)
                told = re.match(r"00-0{16}463ac35c9f6413ad-([0-9a-f]{16})-00$", TRACE.findall(text)[0])
                assert told is not None
                self.assertEqual(B3.findall(text), [f"463ac35c9f6413ad-{told.group(1)}-0"])

    def test_the_agent_took_no_harm(self) -> None:
        self.got("traced", "plain")
        said = self.collector.of("stats", "goodbye")
        self.assertEqual(
            [one.payload for one in said if one.payload.get("errors") or one.payload.get("error")], []
        )


class Http2(unittest.TestCase):
    CODE = """
        import asyncio, ssl, sys, httpx
        from wiretime.entry import EntryRequest
        context = ssl.create_default_context(cafile=sys.argv[2])
        async def ask():
            async with httpx.AsyncClient(http2=True, verify=context, trust_env=False) as client:
                return await client.get(f"https://localhost:{sys.argv[1]}/")
        def both():
            with httpx.Client(http2=True, verify=context, trust_env=False) as client:
                return [client.get(f"https://localhost:{sys.argv[1]}/"), asyncio.run(ask())]
        answers = both()
        EntryRequest(("GET", "/", "", "", ""))
        for answer in [*answers, *both()]:
            assert "traceparent" not in answer.request.headers
            print(repr(answer.text))
    """

    @unittest.skipUnless(has("httpx") and has("h2") and has("hypercorn"), "needs httpx, h2, hypercorn")
    def test_one_header_more(self) -> None:
        key, cert = certificate()
        collector, port = Collector(), free_port()
        self.addCleanup(collector.close)
        command = [PYTHON, "-m", "hypercorn", "-b", f"127.0.0.1:{port}", "--keyfile", key, "--certfile", cert]
        with running([*command, "echo_app:app"], port, Collector(), cwd=os.path.join(HERE, "apps")):
            done = run(
                "import warnings; warnings.resetwarnings()\n" + textwrap.dedent(self.CODE),
                port,
                cert,
                collector=collector,
            )
        without, without_async, text, text_async = map(literal_eval, done.stdout.splitlines())
        for bare, told in ((without, text), (without_async, text_async)):
            self.assertTrue(bare.startswith("2\r\n"), bare)
            self.assertRegex(told, TRACE)
            self.assertEqual(TRACE.sub("", told), bare)


class Rules(unittest.TestCase):
    def test_hosts_of_our_own(self) -> None:
        policy = Policy("")
        own = (
            "localhost localhost:80 cart cart:8080 127.0.0.1:3000 10.1.2.3 192.168.0.7:80 172.16.0.1 [::1]:443 ::1"
            " fd00::1 a.svc cart.shop.svc.cluster.local ::ffff:10.0.0.1"
        )
        others = (
            "api.stripe.com example.com:80 8.8.8.8 172.32.0.1 [2001:db8::1]:443 169.254.169.254 169.254.170.2:80"
            " fe80::1 10.example.com 127.0.0.1.example.com 192.168.0.example.com ::10"
        )
        for host in own.split():
            self.assertTrue(policy.allows(host), host)
        for host in [*others.split(), ""]:
            self.assertFalse(policy.allows(host), host)

    def test_hosts_that_are_listed(self) -> None:
        policy = Policy("API.example.com, .corp.example *.net.example,")
        listed = (
            "api.example.com Api.Example.Com:8443 a.corp.example a.b.corp.example x.net.example localhost"
        )
        others = "example.com xapi.example.com corp.example evilcorp.example api.example.com.evil.org"
        for host in listed.split():
            self.assertTrue(policy.allows(host), host)
        for host in others.split():
            self.assertFalse(policy.allows(host), host)
        self.assertTrue(Policy("*").allows("example.com"))
        for setting in ("off", "OFF", "off,api.example.com"):
            self.assertFalse(Policy(setting).allows("localhost") or Policy(setting).allows("api.example.com"))

    def test_what_is_traced_or_signed(self) -> None:
        def is_forbidden(name: str, value: str = "x") -> bool:
            pairs = [("host", "b3"), (name, value), ("traceparents", "x")]
            lines = "".join(f"{name}: {value}\r\n" for name, value in pairs).encode()
            self.assertEqual(forbids(head_of(pairs)), forbids(b"GET / HTTP/1.1\r\n" + lines))
            return forbids(head_of(pairs))

        taken = "traceparent TraceParent b3 X-B3-TraceId X-Amz-Date x-amzn-trace-id uber-trace-id sentry-trace Expect"
        for name in taken.split():
            self.assertTrue(is_forbidden(name), name)
        self.assertTrue(is_forbidden("Authorization", "AWS4-HMAC-SHA256 x"))
        self.assertFalse(is_forbidden("Authorization", "Bearer AWS4-"))
        for name in ["host", "b3x", "tracestate", "x-api-key", "content-type", "x-b", "expected"]:
            self.assertFalse(is_forbidden(name), name)

    def test_what_came_in_goes_on(self) -> None:
        def went(traceparent: str, b3: str = "") -> str:
            values = " ".join(value for _, value in Trace(traceparent, b3).headers())
            return re.sub(r"-[0-9a-f]{16}-", "-SPAN-", values)

        self.assertEqual(went(f"00-{ID}-{PARENT}-01"), f"00-{ID}-SPAN-01")
        self.assertEqual(went(f"00-{ID}-{PARENT}-00"), f"00-{ID}-SPAN-00")
        self.assertEqual(went(f"cc-{ID}-{PARENT}-03-more"), f"00-{ID}-SPAN-01")
        self.assertEqual(went("", f"{ID}-{PARENT}-1"), f"00-{ID}-SPAN-01 {ID}-SPAN-1")
        self.assertEqual(went("", f"{ID}-{PARENT}-0"), f"00-{ID}-SPAN-00 {ID}-SPAN-0")
        self.assertEqual(
            went("", f"A448EB211C80319C-{PARENT}"),
            "00-0000000000000000a448eb211c80319c-SPAN-01 a448eb211c80319c-SPAN-1",
        )
        self.assertEqual(went(f"00-{ID}-{PARENT}-01", f"a448eb211c80319c-{PARENT}-1"), f"00-{ID}-SPAN-01")
        for nonsense in ("", "x", f"00-{'0' * 32}-{PARENT}-01", f"00-{ID}-{'0' * 16}-01"):
            self.assertRegex(went(nonsense, "nonsense"), r"^00-(?!0{32})[0-9a-f]{32}-SPAN-01$")
        trace = Trace("", "")
        first, second = trace.headers()[0][1], trace.headers()[0][1]
        self.assertEqual(first[:35], second[:35])
        self.assertNotEqual(first, second)


if __name__ == "__main__":
    unittest.main()
