# Queues of tasks: a task that a worker runs is a request. In: Celery's signals around a task, RQ's `Job.perform`, what arq keeps of a
# function. Out: a request with the method TASK; its status is 200, or 500 when the task failed.

from __future__ import annotations

from .. import guard
from ..coverage import note_hooked
from ..entry import enter_task
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from ..entry import EntryRequest

OK = 200
FAILED = 500
# Tasks under way in one process; a worker has as many as it has threads or greenlets.
LIMIT = 10_000
# The class of each module that has a name and a coroutine function.
_KEPT_BY_ARQ = {"arq.worker": "Function", "arq.cron": "CronJob"}

_running: dict[str, EntryRequest] = {}


def install(module: ModuleType) -> None:
    if module.__name__ == "rq.job":
        wrap(module.Job, "perform", _perform)
        note_hooked("rq")
        return
    if module.__name__ in _KEPT_BY_ARQ:
        wrap(getattr(module, _KEPT_BY_ARQ[module.__name__]), "__init__", _kept)
        note_hooked("arq")
        return
    # Celery keeps only weak references.
    module.task_prerun.connect(_began, weak=False)
    module.task_postrun.connect(_ended, weak=False)
    note_hooked("celery")


def _perform(original: Any) -> Any:
    def perform(self: Any, *args: Any, **named: Any) -> Any:
        entry = enter_task(_name_of(self))
        if entry is None:
            return original(self, *args, **named)
        try:
            result = original(self, *args, **named)
        except BaseException:
            entry.end(FAILED)
            raise
        entry.end(OK)
        return result

    return perform


def _kept(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        wrap(self, "coroutine", lambda function: _run(function, str(self.name)))

    return __init__


def _run(original: Any, name: str) -> Any:
    async def run(*args: Any, **named: Any) -> Any:
        entry = enter_task(name)
        if entry is None:
            return await original(*args, **named)
        try:
            result = await original(*args, **named)
        except BaseException as error:
            # It asks to be run again later: nothing failed.
            entry.end(OK if type(error).__name__ == "Retry" else FAILED)
            raise
        entry.end(OK)
        return result

    return run


def _name_of(job: Any) -> str:
    try:
        return str(job.func_name)
    except Exception:
        return "job"


def _began(task_id: str = "", task: Any = None, **_others: Any) -> None:
    if not guard.active or len(_running) >= LIMIT:
        return
    entry = enter_task(str(getattr(task, "name", "task")))
    if entry is not None:
        # What Celery asks for a task, before and after, is of the task.
        entry.view = getattr(task, "__wrapped__", None)
        _running[task_id] = entry


def _ended(task_id: str = "", state: str = "", **_others: Any) -> None:
    entry = _running.pop(task_id, None)
    if entry is not None:
        entry.end(FAILED if state == "FAILURE" else OK)
