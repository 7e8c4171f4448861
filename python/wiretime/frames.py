# Which frames of a stack are the application's own. In: the frame that runs. Out: positions in its code, innermost first. Left out are
# Python, packages, programs that packages bring, the agent, and what only started a loop. Where nothing else is on the stack the application
# may itself be installed as a package: of those behind the driver that are no go-betweens (go_betweens.py) it is the one that was met in most
# functions. Where a library runs in a greenlet or a task of
# its own (`asyncio.wait_for` before 3.12, `gather`, `shield`), the frames are those of the task that waits for it. Where a framework asks for a
# view (generic views, serializers, templates) it is the view.

from __future__ import annotations

import os
import sys

from .class_place import ClassCode, line_of_class
from .context import current_context
from .go_betweens import is_go_between

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType
    from typing import Any

    # The identity of the code, and a line.
    Position = tuple[int, int]

# A frame costs 50 ns: the application is reached within 20 for most drivers, within 60 for ORMs.
STACK_DEPTH = 100
# Behind the application's innermost frames come those of its framework and server, which nobody needs to walk.
FRAMES_BETWEEN = 12
USER_FRAMES = 8
# An application that makes code without end must not fill the memory.
CODE_LIMIT = 20_000
# From a library's task to the task of the application: `gather` of `wait_for` are two.
TASKS_BETWEEN = 4

_OTHERS = 0
_USERS = 1
# What is below started the loop or the server; it asked nothing.
_LOOP = 2
# Where a package is asked to handle a request: who calls it has passed one on, as a middleware does, and asks for nothing itself.
_ENTRY = 3

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
# Where pip puts programs: of an environment, where nothing else is; and where there may be the application's own.
_ENVIRONMENT = frozenset(
    [os.path.join(sys.prefix, "bin"), os.path.realpath(os.path.join(sys.prefix, "bin"))]
    if sys.prefix != sys.base_prefix
    else []
)
_SHARED = frozenset(
    [
        os.path.join(sys.base_prefix, "bin"),
        "/usr/bin",
        "/usr/local/bin",
        os.path.join(os.path.expanduser("~"), ".local", "bin"),
    ]
)
_RUNNERS = frozenset(["_run_once", "init_process", "run_forever", "serve_forever", "unrolled_run"])
# The last arguments of an application by ASGI, WSGI; and what Django puts around each middleware and the view.
_APPLICATION_ARGUMENTS = (("scope", "receive", "send"), ("environ", "start_response"))
_DJANGO_ENTRY = os.path.join("django", "core", "handlers", "exception.py")
_RUN = tuple(os.path.join(*path) for path in (("asyncio", "runners.py"), ("uvloop", "__init__.py")))

# By identity: the hash of a code object goes over all its bytecode, on every look-up.
_kinds: dict[int, int] = {}
_codes: dict[int, CodeType] = {}


def user_frames(frame: FrameType | None) -> tuple[Position, ...]:
    """Of the stack that ends with `frame`; empty: there are none."""
    return tuple(
        _frames_on_stack(frame)
        or _frames_of_greenlet()
        or _frames_of_waiting_task()
        or _frames_of_view()
        or _frames_of_package(frame)
    )


def _frames_on_stack(frame: FrameType | None) -> list[Position]:
    frames: list[Position] = []
    others = 0
    inner = _OTHERS
    limit = STACK_DEPTH
    while frame is not None and others < limit:
        code = frame.f_code
        kind = _kinds.get(id(code))
        if kind is None:
            kind = _classify(code)
        if kind == _USERS and (frames or inner != _ENTRY):
            frames.append((id(code), frame.f_lineno))
            if len(frames) == USER_FRAMES:
                break
            others = 0
            limit = FRAMES_BETWEEN
        elif kind == _LOOP:
            break
        else:
            others += 1
        inner = kind
        frame = frame.f_back
    return frames


def blocked_at(frame: FrameType | None) -> tuple[tuple[Position, ...], str]:
    """Positions of the application on the stack of another thread, and the function that the innermost of them had called; empty: none."""
    positions = tuple(_frames_on_stack(frame) or _frames_of_package(frame))
    called: CodeType | None = None
    while frame is not None and (id(frame.f_code), frame.f_lineno) not in positions[:1]:
        if not frame.f_code.co_filename.startswith(_OWN):
            called = frame.f_code
        frame = frame.f_back if positions else None
    return (positions, "" if called is None else _text_of(called, called.co_firstlineno, 0))


def text_of(position: Position, column: int = 1) -> str:
    """`file:line:column function`; Python's frames have no column that costs nothing: 1."""
    identity, line = position
    return _text_of(_codes[identity], line, column)


def _text_of(code: CodeType, line: int, column: int) -> str:
    name = getattr(code, "co_qualname", code.co_name)
    return f"{os.path.abspath(code.co_filename)}:{line}:{column} {name}"


# ---- whose code ----


def _classify(code: CodeType) -> int:
    kind = _kind_of(code)
    # Keeps the code alive, so that its identity stays its own.
    if len(_kinds) < CODE_LIMIT:
        _kinds[id(code)] = kind
        _codes[id(code)] = code
        return kind
    return _OTHERS


def _classify_known(code: CodeType) -> int:
    kind = _kinds.get(id(code))
    return _classify(code) if kind is None else kind


def _is_users(file: str) -> bool:
    return not file.startswith(_STANDARD) and not any(packages in file for packages in _PACKAGES)


def _kind_of(code: CodeType) -> int:
    file = code.co_filename
    if file.startswith(_OWN):
        return _LOOP if code.co_name == "run_forever" else _ENTRY if _is_entry(code) else _OTHERS
    if file.startswith("<"):
        return _OTHERS
    if not _is_users(file):
        is_runner = code.co_name in _RUNNERS or (code.co_name == "run" and file.endswith(_RUN))
        return _LOOP if is_runner else _ENTRY if _is_entry(code) else _OTHERS
    return _OTHERS if _is_program_of_package(code) else _USERS


def _is_entry(code: CodeType) -> bool:
    arguments = code.co_varnames[: code.co_argcount]
    is_application = any(arguments[-len(ends) :] == ends for ends in _APPLICATION_ARGUMENTS)
    return is_application or (code.co_name == "inner" and code.co_filename.endswith(_DJANGO_ENTRY))


def _is_program_of_package(code: CodeType) -> bool:
    """`bin/gunicorn`, however it was named: through a link, or from the folder of the program."""
    folder = os.path.dirname(os.path.abspath(code.co_filename))
    folders = (folder, os.path.realpath(folder))
    if not _ENVIRONMENT.isdisjoint(folders):
        return True
    # As pip writes them: `sys.exit(main())`.
    is_start = code.co_name == "<module>" and "exit" in code.co_names and "sys" in code.co_names
    return is_start and not _SHARED.isdisjoint(folders)


# ---- an application that is a package ----


class _Met:
    """How often a package was met, and in how many functions: what wraps each query has one or two of them, an application hundreds."""

    __slots__ = ("count", "functions")

    def __init__(self) -> None:
        self.count = 0
        self.functions: set[int] = set()

    def rank(self) -> tuple[int, int]:
        return (len(self.functions), self.count)


# More than these no application has, or no more are needed to tell them apart.
_met: dict[str, _Met] = {}
PACKAGE_LIMIT = 500
FUNCTION_LIMIT = 500


def _frames_of_package(frame: FrameType | None) -> list[Position]:
    driver = ""
    frames: dict[str, list[Position]] = {}
    for _ in range(STACK_DEPTH):
        if frame is None or _classify_known(frame.f_code) == _LOOP:
            break
        package = _package_of(frame.f_code.co_filename)
        driver = driver or package
        if package not in ("", driver) and not is_go_between(package):
            frames.setdefault(package, []).append((id(frame.f_code), frame.f_lineno))
        frame = frame.f_back
    if not frames:
        return []
    for package, positions in frames.items():
        met = _met.get(package)
        if met is None:
            # Of all that are too many nothing is kept.
            met = _met.setdefault(package, _Met()) if len(_met) < PACKAGE_LIMIT else _Met()
        met.count += 1
        if len(met.functions) < FUNCTION_LIMIT:
            met.functions.update(identity for identity, _ in positions)
    return frames[max(frames, key=_rank_of)][:USER_FRAMES]


def _rank_of(package: str) -> tuple[int, int]:
    met = _met.get(package)
    return (0, 0) if met is None else met.rank()


def _package_of(file: str) -> str:
    """`redis` of `…/site-packages/redis/client.py`; empty: it is in none."""
    for packages in _PACKAGES:
        _, found, rest = file.rpartition(packages)
        if found:
            name = rest.partition(os.sep)[0]
            return name[:-3] if name.endswith(".py") else name
    return ""


# ---- whose view ----


# By the identity of a class or a function, which are kept with it.
_views: dict[int, tuple[object, Position | None]] = {}
VIEW_LIMIT = 2000


def _frames_of_view() -> list[Position]:
    """Where the view of the running request begins: a framework asks for it what a generic view, a serializer or a template needs."""
    view = getattr(current_context().exchange, "view", None)
    if view is None:
        return []
    known = _views.get(id(view))
    if known is None:
        if len(_views) >= VIEW_LIMIT:
            return []
        known = _views[id(view)] = (view, _position_of_view(view))
    return [] if known[1] is None else [known[1]]


def _position_of_view(view: Any) -> Position | None:
    # Of Django REST framework, and of Django.
    cls = view if isinstance(view, type) else getattr(view, "cls", None) or getattr(view, "view_class", None)
    if isinstance(cls, type):
        return _position_of_class(cls)
    for _ in range(TASKS_BETWEEN):
        view = getattr(view, "__wrapped__", view)
    code: Any = getattr(view, "__code__", None)
    return (id(code), code.co_firstlineno) if code is not None and _classify_known(code) == _USERS else None


def _position_of_class(cls: type) -> Position | None:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
    line = line_of_class(cls, file) if file and _is_users(file) else 0
    if line == 0 or len(_codes) >= CODE_LIMIT:
        return None
    code: Any = ClassCode(cls, file)
    _codes[id(code)] = code
    return (id(code), line)


# ---- whose task ----


def _frames_of_greenlet() -> list[Position]:
    """Of whoever started the greenlet that runs: SQLAlchemy's asyncio has one for each call."""
    try:
        parent: Any = sys.modules["greenlet"].getcurrent().parent
        return [] if parent is None else _frames_on_stack(parent.gr_frame)
    except (KeyError, AttributeError):
        return []


def _frames_of_waiting_task() -> list[Position]:
    """Of the task that waits for the one that runs, or for what waits for that."""
    try:
        task: Any = sys.modules["asyncio"].current_task()
    except (KeyError, AttributeError, RuntimeError):
        return []  # no loop runs in this thread
    for _ in range(TASKS_BETWEEN):
        task = _waiting_for(task)
        if task is None:
            break
        frames = _frames_of_coroutine(task.get_coro())
        if frames:
            return frames
    return []


def _waiting_for(future: Any) -> Any:
    """The task that goes on when this future or task is done; None: nobody knows one."""
    for _ in range(TASKS_BETWEEN):
        future = next(_behind(future), None)
        if future is None or hasattr(future, "get_coro"):
            return future
    return None


def _behind(future: Any) -> Iterator[Any]:
    for callback, *_ in getattr(future, "_callbacks", None) or ():
        # A task that awaits it; a group of tasks; `wait_for`; `gather` and `shield`.
        owner = getattr(callback, "__self__", None)
        candidates = [owner, getattr(owner, "_parent_task", None), *getattr(callback, "args", ())]
        cells = getattr(callback, "__closure__", None) or ()
        names = getattr(getattr(callback, "__code__", None), "co_freevars", ())
        candidates += [cell.cell_contents for name, cell in zip(names, cells) if name == "outer"]
        yield from (one for one in candidates if hasattr(one, "_asyncio_future_blocking"))


def _frames_of_coroutine(coroutine: Any) -> list[Position]:
    """Innermost first."""
    frames: list[Position] = []
    for _ in range(STACK_DEPTH):
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is None:
            break
        if _classify_known(frame.f_code) == _USERS:
            frames.insert(0, (id(frame.f_code), frame.f_lineno))
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    return frames[:USER_FRAMES]
