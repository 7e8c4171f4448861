# Work that is given to a thread pool belongs to the request that gave it. In: `ThreadPoolExecutor.submit`, which asyncio's
# `run_in_executor` uses as well. Out: the same work, run in that context.

from __future__ import annotations

from .. import guard
from ..connection_state import ConnectionState
from ..context import NO_CONTEXT, variable
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..context import Context


_get = variable.get
_set = variable.set


def install(module: ModuleType) -> None:
    wrap(module.ThreadPoolExecutor, "submit", _submit)


def _submit(original: Any) -> Any:
    def submit(*args: Any, **named: Any) -> Any:
        if guard.active and len(args) > 1:
            context: Any = _get()
            if context.__class__ is ConnectionState:
                # Of a server's thread that accepts: nobody's work, or that of the request that is being read there.
                context = (context.layer or context).exchange
                if context is None or context.is_ended:
                    context = NO_CONTEXT
            if context is not NO_CONTEXT:
                return original(args[0], _run_in, context, args[1], *args[2:], **named)
        return original(*args, **named)

    return submit


def _run_in(context: Context, function: Any, /, *args: Any, **named: Any) -> Any:
    previous = _get()
    _set(context)
    try:
        return function(*args, **named)
    finally:
        _set(previous)
