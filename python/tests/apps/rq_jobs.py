import os

import redis

client = redis.Redis.from_url(os.environ["REDIS"])


def bill(name):
    client.get(f"bill:{name}")
    if name == "broken":
        raise ValueError(name)
    return name
