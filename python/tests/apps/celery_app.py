import os

import redis
from celery import Celery

app = Celery("shop", broker=os.environ["REDIS"], backend=os.environ["REDIS"])
app.conf.broker_connection_retry_on_startup = True
client = redis.Redis.from_url(os.environ["REDIS"])


@app.task(name="shop.bill")
def bill(name):
    client.get(f"bill:{name}")
    if name == "broken":
        raise ValueError(name)
    return name
