# ASGI: answers with the version of HTTP and the headers that came.


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    lines = [f"{name.decode()}: {value.decode()}" for name, value in scope["headers"]]
    body = "\r\n".join([scope["http_version"], *lines, ""]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
