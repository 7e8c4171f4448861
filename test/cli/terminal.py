# A terminal for one program. In: a JSON object as argument: columns, rows, argv, and steps (wait for a pattern, then send keys, a signal or
# a new size). Out: JSON with everything the program wrote, its exit code, and whether the terminal is in canonical mode at the end.

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE_S = 60
job = json.loads(sys.argv[1])


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


# Open before the fork: the program must find its size, and the modes outlive it.
master, slave = pty.openpty()
resize(master, job["columns"], job["rows"])
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.execvp(job["argv"][0], job["argv"])

output = b""
steps = list(job["steps"])
seen_from = 0
code = None
deadline = time.monotonic() + PATIENCE_S
while time.monotonic() < deadline:
    ready, _, _ = select.select([master], [], [], 0.05)
    if ready:
        output += os.read(master, 65536)
    elif code is not None:
        break
    if code is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done == pid:
            code = os.waitstatus_to_exitcode(status)
    if steps:
        match = re.search(steps[0]["wait"], output[seen_from:].decode("utf8", "replace"))
        if match:
            step = steps.pop(0)
            seen_from = len(output)
            if "send" in step:
                os.write(master, step["send"].encode())
            if "size" in step:
                resize(master, *step["size"])
            if "signal" in step:
                os.kill(pid, getattr(signal, step["signal"]))
if code is None:
    os.kill(pid, signal.SIGKILL)
is_canonical = bool(termios.tcgetattr(slave)[3] & termios.ICANON)
text = output.decode("utf8", "replace")
print(json.dumps({"output": text, "code": code, "isCanonical": is_canonical, "left": steps}))
