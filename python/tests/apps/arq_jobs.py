import os

from arq.connections import RedisSettings


async def bill(ctx, name):
    await ctx["redis"].get(f"bill:{name}")
    if name == "broken":
        raise ValueError(name)
    return name


class Settings:
    functions = [bill]
    redis_settings = RedisSettings.from_dsn(os.environ["REDIS"])
    queue_name = os.environ.get("QUEUE")
    poll_delay = 0.05
