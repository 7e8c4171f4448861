# Threads go on with the request that started them. In: `threading.Thread.start`. Out: the new thread's context.
# Threads of pools outlive the request that started them: their work brings its own (executor.py).

from __future__ import annotations

from .. import guard
from ..connection_state import ConnectionState
from ..context import NO_CONTEXT, set_context, variable
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# `_worker` of concurrent.futures.thread.
_POOL_WORKERS = ("_worker",)


def install(module: ModuleType) -> None:
    wrap(module.Thread, "start", _start)


def _start(original: Any) -> Any:
    def start(self: Any) -> Any:
        if guard.active:
            try:
                value = variable.get()
                if value is not NO_CONTEXT and not _is_pool_worker(self):
                    _carry(self, value)
            except Exception as error:
                guard.fail(error)
        return original(self)

    return start


def _is_pool_worker(thread: Any) -> bool:
    return getattr(getattr(thread, "_target", None), "__name__", "") in _POOL_WORKERS


def _carry(thread: Any, value: Any) -> None:
    """Shadows `run` for its one call."""
    if value.__class__ is ConnectionState and value.exchange is not None:
        value = value.current_context()
    run = thread.run

    def run_in_context() -> None:
        # Leaves nothing behind: whoever looks at the thread sees the class's `run` again.
        thread.__dict__.pop("run", None)
        set_context(value)
        run()

    thread.run = run_in_context
