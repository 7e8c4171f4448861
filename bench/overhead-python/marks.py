# What both applications share. In: BENCH_* variables. Out: addresses, usage of this process, and statements with the mark of a request.

import json
import os
import time

SERVERS = json.loads(os.environ["BENCH_SERVERS"])
POSTGRES = SERVERS["postgres"]["url"]
REDIS = SERVERS["redis"]
SERVICE = f"http://127.0.0.1:{SERVERS['service']['port']}"
# Drivers that send values apart do not show them to tracers: while it is checked who is right, statements have the mark, too.
IS_CHECKING = "BENCH_CHECK" in os.environ


def marked(statement: str, mark: str) -> str:
    return f"{statement} /* {mark} */" if IS_CHECKING else statement


def usage() -> dict[str, int]:
    """CPU of all threads, from the kernel, in ns."""
    return {"pid": os.getpid(), "parent": os.getppid(), "cpuNs": time.process_time_ns()}
