# Where in the application's code a call comes from. In: the stack of the moment, sampled within a budget. Out: ids, and one
# `callSite` record for each id. Frames of Python, of packages and of the agent are left out.

from __future__ import annotations

import os
import sys
from itertools import count

from . import record, recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType

    Frames = tuple[tuple[int, int], ...]

# A frame costs 50 ns: the application is reached within 20 for most drivers, within 60 for ORMs.
STACK_DEPTH = 100
# Behind the application's innermost frames come those of its framework and server, which nobody needs to walk.
FRAMES_BETWEEN = 12
USER_FRAMES = 8
# A capture takes 1.4 µs in a loop, but 15 to 40 µs in a server at work, where its code is cold and its frames become objects: 1000 a
# second were 2 to 4 % of a core, 200 are less than 1 % (decision 29).
CAPTURES_PER_SECOND = 200
NS_PER_CAPTURE = 1_000_000_000 // CAPTURES_PER_SECOND
# Half of the budget is kept for peers that were seen less often than this.
FIRST_CAPTURES = 8
# Nothing of the application was ever on the stack: it is looked for less often.
MISSES_LIMIT = 16
# Peers and call sites beyond these are not told apart: memory is bounded.
STATEMENT_LIMIT = 2000
CALL_SITE_LIMIT = 10_000
CODE_LIMIT = 20_000

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_PROGRAMS = os.path.join(sys.prefix, "bin") + os.sep
_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)

_getframe = sys._getframe  # pyright: ignore[reportPrivateUsage]


class Sampling:
    """How often the stack was captured for one peer (or statement), and when it may be next."""

    __slots__ = ("captures", "hits", "next_at")

    def __init__(self) -> None:
        self.captures = 0
        self.hits = 0
        # ns.
        self.next_at = 0


_samplings: dict[str, Sampling] = {}
# Of all that are too many.
_never = Sampling()
_never.next_at = 1 << 63
_call_sites: dict[Frames, int] = {}
_next_number = count(1).__next__
# By number: in which epoch a collector was told what it is (recorder.py).
_told: dict[int, int] = {}
# By identity: the hash of a code object goes over all its bytecode, on every look-up.
_is_user: dict[int, bool] = {}
_codes: dict[int, CodeType] = {}
_budget: float = CAPTURES_PER_SECOND
_refilled_at = 0


def sampling_of(statement: str) -> Sampling:
    """The same for the same statement (or peer). Kept by those who ask again and again."""
    sampling = _samplings.get(statement)
    if sampling is None:
        if len(_samplings) >= STATEMENT_LIMIT:
            return _never
        sampling = _samplings[statement] = Sampling()
    return sampling


def call_site_of(statement: str, time: int) -> int:
    """The call site of the running code, or 0: not sampled, or no code of the application on the stack. `time` in ns."""
    return site_within_budget(sampling_of(statement), time)


def site_within_budget(sampling: Sampling, time: int) -> int:
    """The same."""
    if time < sampling.next_at:
        return 0
    if not _take_budget(sampling, time):
        sampling.next_at = time + NS_PER_CAPTURE
        return 0
    sampling.captures += 1
    frames = _user_frames(_getframe(1))
    if not frames:
        return 0
    sampling.hits += 1
    number = _call_sites.get(frames) or _new_call_site(frames)
    if number and _told.get(number) != recorder.epoch:
        _tell(number, frames, time)
    return number


def _take_budget(sampling: Sampling, time: int) -> bool:
    global _budget, _refilled_at
    if sampling.hits == 0 and sampling.captures >= MISSES_LIMIT:
        return False
    budget = min(CAPTURES_PER_SECOND, _budget + (time - _refilled_at) / NS_PER_CAPTURE)
    _refilled_at = time
    reserve = 0 if sampling.captures < FIRST_CAPTURES else CAPTURES_PER_SECOND / 2
    has_budget = budget >= reserve + 1
    _budget = budget - 1 if has_budget else budget
    return has_budget


def _user_frames(frame: FrameType | None) -> Frames:
    """Innermost first: positions, as the identity of the code and a line."""
    frames: list[tuple[int, int]] = []
    others = 0
    limit = STACK_DEPTH
    while frame is not None and others < limit:
        code = frame.f_code
        is_user = _is_user.get(id(code))
        if is_user is None:
            is_user = _classify(code)
        if is_user:
            frames.append((id(code), frame.f_lineno))
            if len(frames) == USER_FRAMES:
                break
            others = 0
            limit = FRAMES_BETWEEN
        else:
            others += 1
        frame = frame.f_back
    return tuple(frames)


def _classify(code: CodeType) -> bool:
    is_user = _is_user_file(code.co_filename)
    # Keeps the code alive, so that its identity stays its own; an application that makes code without end must not fill the memory.
    if len(_is_user) < CODE_LIMIT:
        _is_user[id(code)] = is_user
        _codes[id(code)] = code
        return is_user
    return False


def _is_user_file(file: str) -> bool:
    if file.startswith(("<", _OWN, _PROGRAMS)):
        return False
    if any(packages in file for packages in _PACKAGES):
        return False
    return not file.startswith(_STANDARD)


def _new_call_site(frames: Frames) -> int:
    """0: there are too many."""
    if len(_call_sites) >= CALL_SITE_LIMIT:
        return 0
    return _call_sites.setdefault(frames, _next_number())


def _tell(number: int, frames: Frames, time: int) -> None:
    _told[number] = recorder.epoch
    recorder.put(record.call_site(time, -1, 0, number, "\n".join(map(_text_of, frames))))


def _text_of(frame: tuple[int, int]) -> str:
    """`file:line:column function`; Python's frames have no column that costs nothing: 1."""
    identity, line = frame
    code = _codes[identity]
    name = getattr(code, "co_qualname", code.co_name)
    return f"{os.path.abspath(code.co_filename)}:{line}:1 {name}"
