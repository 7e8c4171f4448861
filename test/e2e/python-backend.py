# A backend in Python for the end-to-end test: a threaded server that prints its port. `/slow/n` burns CPU, `/nap/n` sleeps.

import http.server
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        how = self.path.split("/")[1]
        end = time.thread_time() + 0.02
        if how == "slow":
            while time.thread_time() < end:
                pass
        if how == "nap":
            time.sleep(0.02)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
