# Tasks of queues, on a real Redis: each is a request, has what it did, and its end.

from __future__ import annotations

import os
import subprocess
import sys
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from collector import PYTHON, Collector, until
from databases import HAS_SERVERS, SERVERS
from programs import has

APPS = os.path.join(HERE, "apps")
NAMES = ["one", "two", "broken", "three"]


@unittest.skipUnless(HAS_SERVERS, "needs the servers of scripts/test-python.ts")
class Tasks(unittest.TestCase):
    def setUp(self) -> None:
        self.collector = Collector()
        self.addCleanup(self.collector.close)
        self.queue = "q" + uuid.uuid4().hex[:12]
        self.env = self.collector.environment(REDIS=SERVERS["redis"]["url"])

    def send(self, code: str) -> None:
        env = {
            name: value
            for name, value in self.env.items()
            if not name.startswith(("WIRETIME_", "PYTHONPATH"))
        }
        subprocess.run([PYTHON, "-c", code, self.queue, *NAMES], cwd=APPS, env=env, check=True, timeout=30)

    def check(self, worker: subprocess.Popen[bytes], name: str) -> None:
        try:
            until("all tasks have ended", lambda: len(self.ends()) == len(NAMES))
        finally:
            worker.terminate()
            worker.communicate(timeout=30)
        starts = {(start.process, start.request): start for start in self.collector.of("start")}
        self.assertEqual({(start.method, start.target) for start in starts.values()}, {("TASK", name)})
        self.assertEqual(sorted(end.status for end in self.ends()), [200, 200, 200, 500])
        self.assertEqual({end.route for end in self.ends()}, {name})
        asked: dict[tuple[int, int], list[bytes]] = {}
        for write in self.collector.of("write"):
            if b"bill:" in write.bytes and b"GET" in write.bytes:
                asked.setdefault((write.process, write.contexts[0][1]), []).append(write.bytes)
        self.assertEqual(set(asked), set(starts))
        self.assertEqual([len(writes) for writes in asked.values()], [1, 1, 1, 1])
        # What the queue asks for a task has the place of the task or none: never one of a package.
        places = {site.call_site: site.stack for site in self.collector.of("site")}
        of_tasks = [one for one in self.collector.of("call") if one.request and one.call_site]
        self.assertNotEqual(of_tasks, [], [(c.request, c.call_site) for c in self.collector.of("call")])
        for call in of_tasks:
            self.assertTrue(places[call.call_site].startswith(APPS + os.sep), places[call.call_site])

    def ends(self) -> list:
        return self.collector.of("end")

    def worker(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [PYTHON, "-m", *command], cwd=APPS, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    @unittest.skipUnless(has("celery") and has("redis"), "needs celery, redis")
    def test_celery(self) -> None:
        for pool in ("prefork", "threads", "solo"):
            with self.subTest(pool):
                self.setUp()
                self.send(
                    "import sys, celery_app\n"
                    "for name in sys.argv[2:]: celery_app.bill.apply_async((name,), queue=sys.argv[1])"
                )
                options = ["-P", pool, "-c", "2", "-Q", self.queue, "--without-gossip", "--without-mingle"]
                self.check(self.worker("celery", "-A", "celery_app", "worker", *options), "shop.bill")

    @unittest.skipUnless(has("rq") and has("redis"), "needs rq, redis")
    def test_rq(self) -> None:
        for worker in ("rq.worker.SimpleWorker", "rq.worker.Worker"):
            with self.subTest(worker):
                self.setUp()
                self.send(
                    "import sys, rq, rq_jobs\n"
                    "queue = rq.Queue(sys.argv[1], connection=rq_jobs.client)\n"
                    "for name in sys.argv[2:]: queue.enqueue(rq_jobs.bill, name)"
                )
                options = ["--url", self.env["REDIS"], "--worker-class", worker, self.queue]
                self.check(self.worker("rq.cli", "worker", *options), "rq_jobs.bill")

    @unittest.skipUnless(has("arq"), "needs arq")
    def test_arq(self) -> None:
        self.env["QUEUE"] = self.queue
        self.send(
            "import asyncio, sys, arq_jobs\n"
            "from arq import create_pool\n"
            "async def send():\n"
            "    pool = await create_pool(arq_jobs.Settings.redis_settings)\n"
            "    for name in sys.argv[2:]: await pool.enqueue_job('bill', name, _queue_name=sys.argv[1])\n"
            "asyncio.run(send())"
        )
        self.check(self.worker("arq", "arq_jobs.Settings"), "bill")


if __name__ == "__main__":
    unittest.main()
