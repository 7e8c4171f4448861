# The whole product on gRPC: the servers and customers of apps/grpc_app.py, threaded and asyncio, all four kinds of calls, behind
# `wiretime run --`. Out: what the report says is what was asked, and each call is joined to the request that served it.

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from programs import PYTHON, has
from test_grpc import ASKS

CLI = os.path.join(os.path.dirname(os.path.dirname(HERE)), "dist", "cli.js")
CALLS = 8
SERVICE = "shop"


@unittest.skipUnless(has("grpc") and os.path.exists(CLI) and shutil.which("node"), "needs grpcio and dist/")
class Collected(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.mkdtemp(prefix="wiretime-grpc-")
        cls.addClassCleanup(shutil.rmtree, folder, True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WIRETIME_")}
        clean["WIRETIME_SERVICE"] = SERVICE
        app = [PYTHON, os.path.join(HERE, "apps", "grpc_app.py"), str(CALLS)]
        run = ["node", CLI, "run", "--no-ui", "--summary", "none", "--data", "data", "--", *app]
        subprocess.run(run, cwd=folder, env=clean, check=True, timeout=120, capture_output=True)
        report = ["node", CLI, "report", "--data", "data", "--format", "json"]
        done = subprocess.run(report, cwd=folder, env=clean, check=True, timeout=60, capture_output=True)
        cls.report = json.loads(done.stdout)

    def test_each_way_asks_what_it_asks(self) -> None:
        fronts = {
            end["route"].rpartition("/")[2]: end
            for end in self.report["endpoints"]
            if end["route"].startswith("/front/")
        }
        self.assertEqual({way: end["requests"] for way, end in fronts.items()}, dict.fromkeys(ASKS, CALLS))
        for way, asks in ASKS.items():
            found = [(one["statement"], one["perRequest"]) for one in fronts[way]["operations"]]
            self.assertEqual(sorted(found), sorted((target, 1) for target, _ in asks), way)
            errors = sum(one["errors"] for one in fronts[way]["operations"])
            self.assertEqual(errors, CALLS if asks[0][1] else 0, way)

    def test_each_call_is_joined_to_the_request_that_served_it(self) -> None:
        """Then the dependency is the service itself. The application's own trace header says nothing that could be joined."""
        for end in self.report["endpoints"]:
            for one in end["operations"]:
                if end["route"] != "/front/traced":
                    self.assertEqual((one["protocol"], one["dependency"]), ("grpc", SERVICE), end["route"])

    def test_each_call_has_its_place(self) -> None:
        for end in self.report["endpoints"]:
            for one in end["operations"]:
                self.assertIn("grpc_app.py:", one["callSite"] or "", end["route"])

    def test_nothing_is_lost(self) -> None:
        coverage = self.report["coverage"]
        self.assertEqual([coverage[name] for name in ("notVisible", "dropped", "resyncs")], [0, 0, 0])
        # The customers ask from threads that belong to no request.
        self.assertEqual(coverage["noRequest"], CALLS * len(ASKS))


if __name__ == "__main__":
    unittest.main()
