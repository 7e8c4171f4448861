# Work that is given to a thread pool belongs to the request that gave it. In: `ThreadPoolExecutor.submit`, which asyncio's
# `run_in_executor` uses as well. Out: the same work, run in that context.

from __future__ import annotations

from .. import guard
from ..context import NO_CONTEXT, current_context, set_context, variable
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..context import Context


def install(module: ModuleType) -> None:
    wrap(module.ThreadPoolExecutor, "submit", _submit)


def _submit(original: Any) -> Any:
    def submit(*args: Any, **named: Any) -> Any:
        if guard.active and len(args) > 1:
            context = current_context()
            if context is not NO_CONTEXT:
                return original(args[0], _run_in, context, args[1], *args[2:], **named)
        return original(*args, **named)

    return submit


def _run_in(context: Context, function: Any, /, *args: Any, **named: Any) -> Any:
    previous = variable.get()
    set_context(context)
    try:
        return function(*args, **named)
    finally:
        set_context(previous)
