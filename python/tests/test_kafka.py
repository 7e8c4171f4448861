# confluent-kafka, against the brokers that librdkafka plays itself: what is produced is an operation until it is delivered.

from __future__ import annotations

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from programs import has
from test_drivers import Driver


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
        """Nobody hears of a delivery who did not ask; a consumer is named as not visible."""
        self.ran(
            """
            import confluent_kafka
            from wiretime import coverage
            settings = {"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0}
            producer = confluent_kafka.SerializingProducer(settings)
            producer.produce(topic="orders", value=b"1")
            assert producer.flush() == 0
            assert "confluent_kafka.Consumer" not in coverage.not_visible
            consumer = confluent_kafka.Consumer({**settings, "group.id": "g"})
            assert isinstance(consumer, confluent_kafka.Consumer) and type(consumer).__name__ == "Consumer"
            consumer.close()
            assert "confluent_kafka.Consumer" in coverage.not_visible
            try:
                producer.produce()
            except TypeError as error:
                print("TypeError")
            """
        )
        self.assertEqual(self.printed, "TypeError\n")


if __name__ == "__main__":
    unittest.main()
