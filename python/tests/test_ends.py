# Ends of processes and of collectors: the application does not notice, and nothing is lost that could be sent.

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from collector import PYTHON, Collector, until
from programs import run
from truth import Server

ASK = """
import http.client, os, sys
def ask(name):
    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    c.request("GET", f"/{name}/10")
    assert len(c.getresponse().read()) == 10
    c.close()
"""


def asking(code: str) -> str:
    return ASK + textwrap.dedent(code)


def names(collector: Collector) -> list[str]:
    heads = [write.bytes for write in collector.of("write") if b" HTTP/1.1" in write.bytes]
    return sorted(head.split(b"/")[1].decode() for head in heads)


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.collector, self.backend = Collector(), Server()
        self.addCleanup(self.collector.close)
        self.addCleanup(self.backend.close)

    def run_asking(self, code: str, **options) -> subprocess.CompletedProcess[str]:
        return run(asking(code), self.backend.port, collector=self.collector, **options)

    def of_processes(self, kind: str) -> int:
        return len({record.process for record in self.collector.of(kind)})


class Ends(Case):
    def test_the_end_of_the_program(self) -> None:
        self.run_asking("ask('a')")
        self.assertEqual([r.payload for r in self.collector.of("goodbye")], [{"reason": "exit"}])
        self.assertEqual(len(self.collector.of("close")), 1)

    def test_exit_without_farewell(self) -> None:
        self.run_asking("ask('a'); os._exit(0)")
        self.assertEqual(names(self.collector), ["a"])
        self.assertEqual(len(self.collector.of("goodbye")), 1)

    def test_an_uncaught_exception(self) -> None:
        done = self.run_asking("ask('a'); raise ValueError('mine')", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.endswith("ValueError: mine\n"))
        self.assertNotIn("wiretime", done.stderr)
        self.assertEqual(len(self.collector.of("goodbye")), 1)

    def test_exec(self) -> None:
        self.run_asking(
            """
            if len(sys.argv) < 3:
                ask("a")
                os.execv(sys.executable, [sys.executable, "-c", sys.orig_argv[-2] if hasattr(sys, "orig_argv") else CODE, sys.argv[1], "x"])
            ask("b")
        """.replace("CODE", "open('/proc/self/cmdline').read().split(chr(0))[4]")
        )
        self.assertEqual(names(self.collector), ["a", "b"])
        self.assertEqual(self.of_processes("hello"), 2)

    def test_a_program_without_network_says_nothing(self) -> None:
        run("import socket, ssl, asyncio", collector=self.collector)
        self.assertEqual(self.collector.batches, [])


class Forks(Case):
    def test_a_child_is_a_process_of_its_own(self) -> None:
        """Also without a warning: `run` makes all warnings errors."""
        self.run_asking("""
            import warnings
            ask("parent1")
            child = os.fork()
            if child == 0:
                ask("child")
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            ask("parent2")
        """)
        self.assertEqual(names(self.collector), ["child", "parent1", "parent2"])
        self.assertEqual((self.of_processes("hello"), self.of_processes("goodbye")), (2, 2))
        pids = {r.process: r.payload["pid"] for r in self.collector.of("hello")}
        self.assertEqual(len(set(pids.values())), 2)
        for batch in self.collector.batches:
            self.assertEqual(batch.dropped_records, 0)

    def test_sequence_numbers_have_no_gap(self) -> None:
        self.run_asking("""
            import time
            for round in range(4):
                child = os.fork()
                ask(f"r{round}")
                if child == 0:
                    os._exit(0)
                os.waitpid(child, 0)
        """)
        for process in {batch.process for batch in self.collector.batches}:
            numbers = [batch.sequence for batch in self.collector.batches if batch.process == process]
            self.assertEqual(numbers, list(range(len(numbers))))
        self.assertEqual(len(names(self.collector)), 8)

    def test_an_inherited_connection_is_opened_anew(self) -> None:
        self.run_asking("""
            c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
            def get(name):
                c.request("GET", f"/{name}/3")
                c.getresponse().read()
            get("before")
            child = os.fork()
            if child == 0:
                get("after")
                os._exit(0)
            os.waitpid(child, 0)
        """)
        opened = self.collector.of("open")
        self.assertEqual(len(opened), 2)
        self.assertEqual(len({record.process for record in opened}), 2)
        self.assertEqual([record.payload["port"] for record in opened], [self.backend.port] * 2)
        for write in self.collector.of("write"):
            [own] = [record for record in opened if record.process == write.process]
            self.assertEqual(write.connection, own.connection)

    def test_multiprocessing(self) -> None:
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                file = os.path.join(os.path.dirname(self.collector.path), f"{method}.py")
                with open(file, "w", encoding="utf-8") as program:
                    program.write(
                        asking(f"""
                        import multiprocessing
                        if __name__ == "__main__":
                            context = multiprocessing.get_context("{method}")
                            child = context.Process(target=ask, args=("{method}",))
                            child.start()
                            child.join()
                            assert child.exitcode == 0
                    """)
                    )
                subprocess.run(
                    [PYTHON, "-W", "error", file, str(self.backend.port)],
                    env=self.collector.environment(),
                    check=True,
                    timeout=60,
                )
        until("all have ended", lambda: self.collector.is_idle)
        self.assertEqual(names(self.collector), ["fork", "forkserver", "spawn"])


class Collectors(Case):
    # Sends as many requests as the next line says, and says so.
    PROGRAM = """
        import resource

        def peak_mb():
            # What a process was forked from counts in `ru_maxrss`, even after exec.
            try:
                with open("/proc/self/status") as status:
                    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) // 1024
            except OSError:
                return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

        c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
        for line in sys.stdin:
            for number in range(int(line)):
                c.request("POST", f"/{number}/10", b"x" * 5000)
                c.getresponse().read()
            print("done", flush=True)
        c.close()
        print(peak_mb())
    """

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PYTHON, "-W", "error", "-c", asking(self.PROGRAM), str(self.backend.port)],
            env=self.collector.environment(WIRETIME_BUFFER=str(512 * 1024)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.kill)
        return process

    def ask(self, process: subprocess.Popen[str], requests: int) -> None:
        process.stdin.write(f"{requests}\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "done\n")

    def end(self, process: subprocess.Popen[str]) -> int:
        """Peak memory, MB."""
        printed, complaint = process.communicate(timeout=60)
        self.assertEqual((process.returncode, complaint), (0, ""))
        return int(printed)

    def test_absent(self) -> None:
        self.collector.close()
        process = self.start()
        self.ask(process, 2000)
        self.assertLess(self.end(process), 60)

    def test_comes_late(self) -> None:
        """What did not fit is counted: sent + dropped = noted."""
        self.collector.close()
        process = self.start()
        self.ask(process, 500)
        late = Collector(self.collector.path)
        self.addCleanup(late.close)
        until("it has connected", lambda: len(late.batches) > 0)
        self.ask(process, 1)
        self.end(process)
        until("all have arrived", lambda: late.is_idle and len(late.of("goodbye")) == 1)
        self.assertEqual(late.records[0].kind, "hello")
        dropped = sum(batch.dropped_records for batch in late.batches)
        sent = len(late.of("open", "phase", "call", "site", "write", "read", "close"))
        self.assertGreater(dropped, 0)
        # 501 requests of two writes and one read; the connection opened, was connected, and closed.
        self.assertEqual(sent + dropped, 501 * 3 + 3)

    def test_ends_and_comes_back(self) -> None:
        process = self.start()
        self.ask(process, 10)
        until("something arrived", lambda: len(self.collector.of("write")) == 20)
        self.collector.close()
        self.ask(process, 100)
        second = Collector(self.collector.path)
        self.addCleanup(second.close)
        until("it has connected", lambda: len(second.batches) > 0)
        self.ask(process, 10)
        self.end(process)
        until("all have arrived", lambda: second.is_idle and len(second.of("goodbye")) == 1)
        self.assertEqual(second.records[0].kind, "hello")
        self.assertGreaterEqual(len(second.of("write")), 20)
        self.check_told_again(second)

    def check_told_again(self, second: Collector) -> None:
        """The connection was open before: the second one is told so, with its addresses, before more is written on it."""
        first = {one.kind: one for one in self.collector.of("open", "phase")}
        (told,) = second.of("open")
        (connected,) = second.of("phase")
        self.assertEqual(told.flags & 31, first["open"].flags & 31 | 16)
        self.assertEqual(told.connection, first["open"].connection)
        self.assertEqual(told.payload, first["open"].payload)
        self.assertEqual(connected.payload, first["phase"].payload)
        later = second.records[second.records.index(connected) + 1 :]
        self.assertGreaterEqual(sum(one.kind == "write" for one in later), 2)

    def test_frozen(self) -> None:
        """It accepts and never reads: what does not fit is dropped, and the end is not held up."""
        self.collector.close()
        frozen = socket.socket(socket.AF_UNIX)
        self.addCleanup(frozen.close)
        frozen.bind(self.collector.path)
        frozen.listen()
        process = self.start()
        self.ask(process, 3000)
        self.assertLess(self.end(process), 60)

    def test_killed_by_a_signal(self) -> None:
        process = self.start()
        self.ask(process, 20)
        until("all arrived", lambda: len(self.collector.of("write")) == 40)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        until("the stream has ended", lambda: self.collector.is_idle)


if __name__ == "__main__":
    unittest.main()
