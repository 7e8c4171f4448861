# Handlers of messages: each message is a request, has what its handler did, and its end. nats-py on a real NATS, kombu on its broker in
# memory, pika on a real RabbitMQ; left out where these are not installed.

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

from collector import Collector, until
from programs import free_port, has, run
from truth import Server

RABBIT = "/usr/lib/rabbitmq/bin/rabbitmq-server"
NAMES = ["one", "two", "broken", "three"]
TRACEPARENT = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
PRELUDE = f"""
import sys, urllib.request
NAMES = {NAMES!r}
HEADERS = {{"traceparent": {TRACEPARENT!r}}}

def bill(name):
    urllib.request.urlopen(f"http://127.0.0.1:{{sys.argv[1]}}/{{name}}/10").read()
    if name == "broken":
        raise ValueError(name)

handled = []
"""
NATS = """
import asyncio, nats
async def main():
    ours = await nats.connect(f"nats://127.0.0.1:{sys.argv[2]}")
    async def handle(message):
        handled.append(1)
        await asyncio.to_thread(bill, message.data.decode())
    async def failed(error):
        pass
    await ours.subscribe("bills", cb=handle)
    for name in NAMES:
        await ours.publish("bills", name.encode(), headers=HEADERS)
    while len(handled) < len(NAMES):
        await asyncio.sleep(0.01)
    await ours.drain()
asyncio.run(main())
"""
KOMBU = """
import kombu
with kombu.Connection("memory://") as connection:
    queue = kombu.Queue("bills", kombu.Exchange("bills"), routing_key="bills")
    producer = connection.Producer()
    def handle(body, message):
        message.ack()
        handled.append(1)
        bill(body)
    for name in NAMES:
        producer.publish(name, exchange=queue.exchange, routing_key="bills", declare=[queue], headers=HEADERS)
    with connection.Consumer(queue, callbacks=[handle]):
        while len(handled) < len(NAMES):
            try:
                connection.drain_events(timeout=5)
            except ValueError:
                pass
"""
PIKA = """
import pika
connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(sys.argv[2])))
channel = connection.channel()
channel.queue_declare("bills")
def handle(channel, method, properties, body):
    channel.basic_ack(method.delivery_tag)
    handled.append(1)
    bill(body.decode())
for name in NAMES:
    channel.basic_publish("", "bills", name.encode(), pika.BasicProperties(headers=HEADERS))
# What is in the same packet as a message whose handler raised would wait for the next packet.
channel.basic_qos(prefetch_count=1)
channel.basic_consume("bills", handle)
while len(handled) < len(NAMES):
    try:
        connection.process_data_events(1)
    except ValueError:
        pass
connection.close()
"""


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Messages(unittest.TestCase):
    def check(self, code: str, *args: object) -> None:
        collector, backend = Collector(), Server()
        self.addCleanup(collector.close)
        self.addCleanup(backend.close)
        # Libraries have warnings of their own.
        program = "import warnings; warnings.resetwarnings()\n" + PRELUDE + textwrap.dedent(code)
        run(program, backend.port, *args, collector=collector)
        starts = {start.request: start for start in collector.of("start")}
        self.assertEqual(
            [(start.method, start.target, start.traceparent) for start in starts.values()],
            [("CONSUME", "bills", TRACEPARENT)] * len(NAMES),
        )
        ends = {end.request: end for end in collector.of("end")}
        self.assertEqual({end.route for end in ends.values()}, {"bills"})
        asked = {
            write.contexts[0][1]: write.bytes for write in collector.of("write") if b"GET /" in write.bytes
        }
        self.assertEqual(set(asked), set(starts))
        for request, sent in asked.items():
            self.assertEqual(ends[request].status, 500 if b"broken" in sent else 200)
            # And on it goes.
            self.assertIn(b"traceparent: 00-" + b"1" * 32, sent.lower())
        said = [one.payload for one in collector.of("stats", "goodbye")]
        self.assertEqual([one for one in said if one.get("errors") or one.get("error")], [])

    def serve(self, command: list[str], port: int, **env: str) -> None:
        folder = tempfile.mkdtemp(prefix="wiretime-broker-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        env = {**os.environ, **{name: value.replace("FOLDER", folder) for name, value in env.items()}}
        process = subprocess.Popen(
            command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        until(f"{command[0]} listens", lambda: listens(port))

    @unittest.skipUnless(has("nats") and shutil.which("nats-server"), "needs nats-py, nats-server")
    def test_nats(self) -> None:
        port = free_port()
        self.serve(["nats-server", "-a", "127.0.0.1", "-p", str(port)], port)
        self.check(NATS, port)

    @unittest.skipUnless(has("kombu"), "needs kombu")
    def test_kombu(self) -> None:
        self.check(KOMBU)

    @unittest.skipUnless(has("pika") and os.path.exists(RABBIT), "needs pika, RabbitMQ")
    def test_pika(self) -> None:
        # With a port mapper and a home of its own, so that it meets no other.
        port, mapper = free_port(), free_port()
        self.serve(["epmd", "-port", str(mapper), "-address", "127.0.0.1"], mapper)
        self.serve(
            [RABBIT],
            port,
            ERL_EPMD_PORT=str(mapper),
            RABBITMQ_NODENAME="wiretime@localhost",
            RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
            RABBITMQ_NODE_PORT=str(port),
            RABBITMQ_DIST_PORT=str(free_port()),
            RABBITMQ_MNESIA_BASE="FOLDER/data",
            RABBITMQ_LOG_BASE="FOLDER/log",
            RABBITMQ_ENABLED_PLUGINS_FILE="FOLDER/plugins",
            RABBITMQ_CONF_ENV_FILE="FOLDER/none",
            RABBITMQ_CONFIG_FILE="FOLDER/none",
            HOME="FOLDER",
        )
        self.check(PIKA, port)


if __name__ == "__main__":
    unittest.main()
