# pycurl: each perform is an operation.

from __future__ import annotations

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from programs import has
from traced_driver import Driver
from truth import Server


@unittest.skipUnless(has("pycurl"), "needs pycurl")
class Curl(Driver):
    def test_each_perform_is_an_operation(self) -> None:
        server = Server()
        self.addCleanup(server.close)
        collector = self.ran(
            """
            import sys, pycurl
            def fetch(url, **options):
                curl = pycurl.Curl()
                assert type(curl).__name__ == "Curl" and isinstance(curl, pycurl.Curl)
                curl.setopt(pycurl.URL, url)
                for name, value in options.items():
                    curl.setopt(getattr(pycurl, name), value)
                try:
                    return curl.perform_rb()
                except pycurl.error as error:
                    return error.args[0]
                finally:
                    curl.close()
            base = f"http://localhost:{sys.argv[1]}"
            assert len(fetch(base + "/secret/5?secret=/5")) == 5
            assert len(fetch(base + "/3", POSTFIELDS="secret")) == 3
            print(fetch("http://someone:secret@127.0.0.1:1/secret"))
            """,
            server.port,
        )
        self.assertEqual(self.printed, "7\n")
        host = f"localhost:{server.port}"
        found = [(one.statement, one.address, one.error) for one in collector.of("driver")]
        self.assertEqual(found, [("GET", host, ""), ("POST", host, ""), ("GET", "127.0.0.1:1", "7")])
        for one in collector.of("driver"):
            self.assertLess(one.start, one.end)


if __name__ == "__main__":
    unittest.main()
