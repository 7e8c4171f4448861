# The agent's own mistakes. In: errors of note-taking code. Out: nothing; one switches the whole agent off, for good and silently.
# Not here: errors of the application, which pass through untouched.

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

# Wrappers take notes only while this is true.
active = True
# Errors of the agent's own, for `stats`.
own_errors: int = 0

_on_disabled: Callable[[BaseException], None] | None = None


def on_disabled(callback: Callable[[BaseException], None]) -> None:
    """`callback` hears of the error that switched the agent off."""
    global _on_disabled
    _on_disabled = callback


def fail(error: BaseException) -> None:
    """Every wrapper becomes a pass-through. Called with an error of the agent's own."""
    global active, own_errors
    own_errors += 1
    # The application has run out of stack or memory: this note is lost, the next ones are taken.
    if not active or isinstance(error, (RecursionError, MemoryError)):
        return
    active = False
    try:
        if _on_disabled is not None:
            _on_disabled(error)
    except Exception:
        own_errors += 1
