"""One process, four threads, any free port; says where it listens, as the other services do."""

import os

bind = "127.0.0.1:0"
chdir = os.path.dirname(__file__)
threads = 4
keepalive = 60
loglevel = "warning"


def when_ready(server):
    print("pricing listening on", server.LISTENERS[0].sock.getsockname()[1], flush=True)
