"""Says where pricing listens, as the other services do."""


def when_ready(server):
    print("pricing listening on", server.LISTENERS[0].sock.getsockname()[1], flush=True)
