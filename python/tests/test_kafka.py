# confluent-kafka, against the brokers that librdkafka plays itself: what is produced is an operation until it is delivered.

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import Collector
from programs import PYTHON, has
from traced_driver import Driver
from truth import Server

TRACEPARENT = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


@unittest.skipUnless(has("confluent_kafka"), "needs confluent-kafka")
class Kafka(Driver):
    def test_each_message_is_an_operation(self) -> None:
        collector = self.ran(
            """
            import confluent_kafka
            producer = confluent_kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock:9092", "log_level": 0})
            assert type(producer).__name__ == "Producer" and isinstance(producer, confluent_kafka.Producer)
            heard = []
            producer.produce("orders", b"secret", on_delivery=lambda error, message: heard.append((error, message.topic())))
            assert producer.flush(30) == 0
            producer.produce("orders", value=b"secret", key=b"secret")
            producer.flush()
            assert producer.flush() == 0
            print(heard)
            try:
                producer.produce("orders", b"x" * 2_000_000)
            except confluent_kafka.KafkaException as error:
                print(error.args[0].name())
            """
        )
        self.assertEqual(self.printed, "[(None, 'orders')]\nMSG_SIZE_TOO_LARGE\n")
        found = [(one.statement, one.error) for one in collector.of("driver")]
        told, waited = ("Produce orders", ""), ("Flush", "")
        # The first is told when it was delivered, during the wait; the second when it is in the queue.
        self.assertEqual(
            found, [told, waited, told, waited, ("Produce orders", "MSG_SIZE_TOO_LARGE")], self.printed
        )
        for one in collector.of("driver"):
            self.assertEqual((one.protocol, one.address, one.connection), ("kafka", "mock:9092", 0))
            self.assertLessEqual(one.start, one.end)
        delivered, flushed = collector.of("driver")[:2]
        self.assertLess(delivered.end, flushed.end)

    def test_what_the_program_said_of_callbacks_holds(self) -> None:
        """Nobody hears of a delivery who did not ask."""
        self.ran(
            """
            import confluent_kafka
            settings = {"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0}
            producer = confluent_kafka.SerializingProducer(settings)
            producer.produce(topic="orders", value=b"1")
            assert producer.flush() == 0
            consumer = confluent_kafka.Consumer({**settings, "group.id": "g"})
            assert isinstance(consumer, confluent_kafka.Consumer) and type(consumer).__name__ == "Consumer"
            consumer.close()
            try:
                producer.produce()
            except TypeError as error:
                print("TypeError")
            """
        )
        self.assertEqual(self.printed, "TypeError\n")

    # One broker, in the process of the producer; messages of one partition.
    BROKER = """
        import sys, urllib.request
        import confluent_kafka
        from confluent_kafka import Consumer, DeserializingConsumer, Producer, TopicPartition
        producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0})
        [broker] = producer.list_topics(timeout=10).brokers.values()
        headers = {"traceparent": "TRACEPARENT"}
        for name in ("one", "two", "three"):
            producer.produce("orders", name, partition=0, headers=headers)
        producer.flush()
        def consumer(cls=Consumer):
            settings = {"bootstrap.servers": f"{broker.host}:{broker.port}", "group.id": "g", "log_level": 0}
            found = cls({**settings, "enable.auto.commit": False})
            found.assign([TopicPartition("orders", 0, 0)])
            return found
        def ask(name):
            urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/{name}/10").read()
    """.replace("TRACEPARENT", TRACEPARENT)

    def consumed(self, code: str) -> Collector:
        backend = Server()
        self.addCleanup(backend.close)
        collector = self.ran(textwrap.dedent(self.BROKER) + textwrap.dedent(code), backend.port)
        said = [one.payload for one in collector.of("stats", "goodbye")]
        self.assertEqual([one for one in said if one.get("errors") or one.get("error")], [])
        return collector

    def asked(self, collector: Collector) -> list[tuple[int, bytes]]:
        """By which request, and what."""
        writes = [one for one in collector.of("write") if one.bytes.startswith(b"GET /")]
        return [(one.contexts[0][1], one.bytes.split(b"/")[1]) for one in writes]

    def test_each_message_that_a_program_polls_is_a_request(self) -> None:
        collector = self.consumed(
            """
            for cls in (Consumer, DeserializingConsumer):
                orders = consumer(cls)
                names = []
                while len(names) < 3:
                    message = orders.poll(5)
                    if message is not None and message.error() is None:
                        names.append(bytes(message.value()).decode())
                        ask(names[-1])
                        if cls is Consumer:
                            orders.commit(message, asynchronous=False)
                assert names == ["one", "two", "three"], names
                orders.close()
                ask("later")
            """
        )
        starts = collector.of("start")
        self.assertEqual(
            [(one.method, one.target, one.traceparent) for one in starts],
            [("CONSUME", "orders", TRACEPARENT)] * 6,
        )
        self.assertEqual([one.status for one in collector.of("end")], [200] * 6)
        ours = [start.request for start in starts]
        names = [b"one", b"two", b"three"]
        expected = [*zip(ours, names), (0, b"later"), *zip(ours[3:], names), (0, b"later")]
        self.assertEqual(self.asked(collector), expected)
        commits = [one.request for one in collector.of("driver") if one.statement == "OffsetCommit"]
        self.assertEqual(commits, ours[:3])

    def test_many_at_once_are_one_request(self) -> None:
        collector = self.consumed(
            """
            orders = consumer()
            messages = []
            while len(messages) < 3:
                got = orders.consume(3 - len(messages), 5)
                messages += got
                if got:
                    ask("batch")
            orders.close()
            """
        )
        ours = [one.request for one in collector.of("start")]
        self.assertEqual(self.asked(collector), [(request, b"batch") for request in ours])

    def test_a_poll_inside_of_a_request_is_an_operation(self) -> None:
        collector = self.consumed(
            """
            first, second = consumer(), consumer()
            while first.poll(5) is None:
                pass
            while second.poll(5) is None:
                pass
            first.close()
            second.close()
            """
        )
        [start] = collector.of("start")
        fetches = [one for one in collector.of("driver") if one.statement.startswith("Fetch")]
        self.assertEqual({one.request for one in fetches}, {start.request})
        self.assertEqual((fetches[-1].statement, fetches[-1].rows), ("Fetch orders", 1))

    def test_who_polls_for_others_begins_nothing(self) -> None:
        """As asyncio programs do: in a pool, where nobody can tell who works on the message."""
        collector = self.consumed(
            """
            from concurrent.futures import ThreadPoolExecutor
            orders = consumer()
            with ThreadPoolExecutor(1) as pool:
                while pool.submit(orders.poll, 5).result() is None:
                    pass
                pool.submit(ask, "other").result()
            orders.close()
            """
        )
        self.assertEqual(collector.of("start"), [])
        self.assertEqual(self.asked(collector), [(0, b"other")])

    LOOKS = """
        orders = consumer()
        assert type(orders).__name__ == "Consumer" and isinstance(orders, confluent_kafka.Consumer)
        wrong = (lambda: orders.poll("x"), lambda: orders.consume("x"), lambda: orders.commit(1, 2, 3, 4))
        for ask in (*wrong, orders.close, lambda: orders.poll(1), lambda: orders.commit(asynchronous=False)):
            try:
                print(ask())
            except Exception as error:
                print(type(error), error)
    """

    def test_a_consumer_says_what_it_would_have_said(self) -> None:
        code = textwrap.dedent(self.BROKER) + textwrap.dedent(self.LOOKS)
        without = subprocess.run(
            [PYTHON, "-c", code], capture_output=True, text=True, check=True, timeout=30
        ).stdout
        self.assertIn("RuntimeError", without)
        self.ran(code)
        self.assertEqual(self.printed, without)


if __name__ == "__main__":
    unittest.main()
