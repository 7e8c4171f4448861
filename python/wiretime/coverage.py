# What the agent sees and what it knows it does not see, by name, for `hello` and `stats`.

from __future__ import annotations

# More names would only come from a mistake.
LIMIT = 100

hooked: list[str] = []
not_visible: list[str] = []


def note_hooked(name: str) -> None:
    """`name` is patched, for example `socket` or `uvloop`."""
    if name not in hooked and len(hooked) < LIMIT:
        hooked.append(name)


def note_not_visible(name: str) -> None:
    """Traffic of `name` passes unseen, for example `http2`."""
    if name not in not_visible and len(not_visible) < LIMIT:
        not_visible.append(name)
