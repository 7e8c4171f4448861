# Queues of tasks: a task that a worker runs is a request. In: Celery's signals around a task, RQ's `Job.perform`. Out: a request
# with the method TASK; its status is 200, or 500 when the task failed.

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

_running: dict[str, EntryRequest] = {}


def install(module: ModuleType) -> None:
    if module.__name__ == "rq.job":
        wrap(module.Job, "perform", _perform)
        note_hooked("rq")
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
        _running[task_id] = entry


def _ended(task_id: str = "", state: str = "", **_others: Any) -> None:
    entry = _running.pop(task_id, None)
    if entry is not None:
        entry.end(FAILED if state == "FAILURE" else OK)
