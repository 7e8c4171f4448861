# The agent alone: a wheel, installed where no `wiretime` is, and pointed at a collector by WIRETIME_SOCKET. Needs pip and setuptools.

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from collector import Collector, until
from programs import PYTHON, has

CODE = (
    "import socket, sys; socket.socket().connect_ex(('127.0.0.1', 1)); print('wiretime.main' in sys.modules)"
)


@unittest.skipUnless(has("setuptools") and has("pip"), "needs pip and setuptools")
class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.mkdtemp(prefix="wiretime-wheel-")
        source = os.path.join(cls.folder, "source")
        # A build leaves files beside its sources.
        ignored = shutil.ignore_patterns("__pycache__", ".*", "tests", "build", "*.egg-info")
        shutil.copytree(os.path.dirname(HERE), source, ignore=ignored)
        wheels = os.path.join(cls.folder, "wheels")
        pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, source]
        subprocess.run(build, check=True, capture_output=True)
        venv = os.path.join(cls.folder, "venv")
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", venv], check=True)
        cls.python = os.path.join(venv, "bin", "python")
        install = [
            "--python",
            cls.python,
            "install",
            "--no-index",
            "--no-deps",
            *glob.glob(f"{wheels}/*.whl"),
        ]
        subprocess.run([*pip, *install], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.folder)

    def printed(self, *options: str, **env: str) -> str:
        command = [self.python, *options, "-c", CODE]
        bare = {"PATH": os.environ["PATH"], **env}
        return subprocess.run(command, env=bare, check=True, capture_output=True, text=True).stdout.strip()

    def test_it_starts_where_a_collector_is_named(self) -> None:
        for options in ([], ["-E"], ["-I"]):
            with self.subTest(options):
                collector = Collector()
                self.assertEqual(self.printed(*options, WIRETIME_SOCKET=collector.path), "True")
                until("it has said hello and goodbye", lambda c=collector: c.of("goodbye") and c.is_idle)
                self.assertEqual(len(collector.of("hello")), 1)
                self.assertEqual(len(collector.of("open")), 1)
                collector.close()

    def test_it_does_nothing_elsewhere(self) -> None:
        self.assertEqual(self.printed(), "False")

    def test_together_with_wiretime_run_there_is_one_agent(self) -> None:
        collector = Collector()
        self.printed(**{key: value for key, value in collector.environment().items() if key != "PATH"})
        until("it has said goodbye", lambda: collector.of("goodbye") and collector.is_idle)
        self.assertEqual((len(collector.of("hello")), len(collector.of("open"))), (1, 1))
        collector.close()


if __name__ == "__main__":
    unittest.main()
