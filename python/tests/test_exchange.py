# Where a response ends, and which trace a request came with: from the bytes alone, whichever way they are cut.

from __future__ import annotations

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from wiretime.exchange import Exchange, begun_by

NOW = (1, 0, 0)
GET = b"GET /a HTTP/1.1\r\nHost: here\r\n\r\n"
# Request, response, whether the response ends with its last byte.
RESPONSES = [
    ("a length", GET, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", True),
    ("a length in small letters", GET, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", True),
    ("a length in large letters", GET, b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH:5\r\n\r\nhello", True),
    ("no body", GET, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
    ("too little", GET, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", False),
    ("no length", GET, b"HTTP/1.1 200 OK\r\n\r\nhello", False),
    (
        "a length only in the body",
        GET,
        b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n\r\nContent-Length: 0\r\n\r\n",
        False,
    ),
    ("a length of something else", GET, b"HTTP/1.1 200 OK\r\nX-Content-Length: 0\r\n\r\n", False),
    ("chunks", GET, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", True),
    ("chunks not ended", GET, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", False),
    (
        "chunks before a length",
        GET,
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        False,
    ),
    ("not modified", GET, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", True),
    ("no content", GET, b"HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", True),
    (
        "of HEAD",
        b"HEAD /a HTTP/1.1\r\nHost: here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        True,
    ),
    (
        "interim before",
        GET,
        b"HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        True,
    ),
    ("interim only", GET, b"HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n", False),
]


def begun(request: bytes) -> Exchange:
    exchange = begun_by(request, 1, NOW)
    assert exchange is not None
    return exchange


def parts_of(response: bytes) -> list[list[bytes]]:
    """
    The response in one piece, and cut in two behind its status, in its head and in its body. `|`: a cut that is always there; interim
    responses are written as one.
    """
    *pieces, last = response.split(b"|")
    cuts = () if last.startswith(b"HTTP/1.1 1") else range(12, len(last))
    return [[*pieces, last]] + [[*pieces, last[:at], last[at:]] for at in cuts]


class Responses(unittest.TestCase):
    def test_where_each_ends(self) -> None:
        for name, request, response, ends in RESPONSES:
            for parts in parts_of(response):
                with self.subTest(name, parts=parts):
                    exchange = begun(request)
                    for part in parts[:-1]:
                        exchange.wrote(1, part, len(part))
                    self.assertFalse(exchange.is_ended)
                    exchange.wrote(1, parts[-1], len(parts[-1]))
                    self.assertEqual(exchange.is_ended, ends)

    def test_a_stream_of_events_ends_with_its_head(self) -> None:
        """How long it stays open says nothing about the server; what the answer to HEAD would be is no stream."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n%b\r\n"
        for more, ends in (
            (b"Transfer-Encoding: chunked\r\n", True),
            (b"", True),
            (b"Content-Length: 5\r\n", False),
        ):
            for cut in (20, 60, len(head % more)):
                with self.subTest(more, cut=cut):
                    exchange = begun(GET)
                    whole = head % more
                    exchange.wrote(1, whole[:cut], cut)
                    if cut < len(whole):
                        self.assertFalse(exchange.is_ended)
                        exchange.wrote(1, whole[cut:], len(whole) - cut)
                    self.assertEqual(exchange.is_ended, ends)

    def test_other_texts_do_not(self) -> None:
        exchange = begun(GET)
        head = b"HTTP/1.1 200 OK\r\nX-Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        exchange.wrote(1, head, len(head))
        self.assertFalse(exchange.is_ended)


class Traces(unittest.TestCase):
    HEADS = [
        (b"Traceparent: 00-1-2-01\r\n", ("00-1-2-01", "")),
        (b"b3: 1-2-1\r\n", ("", "1-2-1")),
        (b"X-B3-TraceId: 1\r\nX-B3-SpanId: 2\r\n", ("", "1-2")),
        (b"", ("", "")),
    ]

    def test_of_the_head_alone(self) -> None:
        for headers, expected in self.HEADS:
            for body in (b"", b"\r\ntraceparent: no\r\nb3: no\r\n"):
                with self.subTest(headers=headers, body=body):
                    exchange = begun(b"POST / HTTP/1.1\r\nHost: here\r\n" + headers + b"\r\n" + body)
                    self.assertEqual(exchange.trace_headers, expected)


if __name__ == "__main__":
    unittest.main()
