# Which module of somebody else is patched by which of ours. A patch is a file here with `install(module)`; it is imported, and
# called once, right after the application imported the module: it never imports the module itself, and it must not raise.
# To add one: a file and a line below. `noting.py` has what patches of byte streams share.

from __future__ import annotations

PATCHES = {
    "socket": "wiretime.patches.socket",
    "ssl": "wiretime.patches.ssl",
    "threading": "wiretime.patches.threading",
    "concurrent.futures.thread": "wiretime.patches.executor",
    "asyncio.base_events": "wiretime.patches.asyncio",
    "uvloop": "wiretime.patches.uvloop",
}
