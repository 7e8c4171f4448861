# Subclasses of C classes whose methods cannot be replaced. In: the class a program asks for, and our methods. Out: one subclass
# for each, with the name of the original, so that `isinstance`, names and texts stay as they were.

from __future__ import annotations

from ..coverage import note_not_visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A program that makes classes without end gets its own ones, untraced.
LIMIT = 200

_traced: dict[tuple[Any, Any], Any] = {}


def traced(base: Any, mixin: Any) -> Any:
    """A subclass of `base` with the methods of `mixin`; `base` itself when it is no class, or traced already."""
    if not isinstance(base, type) or issubclass(base, mixin):
        return base
    known = _traced.get((base, mixin))
    if known is None and len(_traced) < LIMIT:
        names = {
            "__module__": base.__module__,
            "__qualname__": base.__qualname__,
            "__doc__": base.__doc__,
        }
        known = _traced[(base, mixin)] = type(base)(base.__name__, (mixin, base), names)
    return known or base


def makes_own(connection: Any, mixin: Any) -> bool:
    """Whether the program's class has a `cursor` of its own, which must be asked as the program asked."""
    classes = type(connection).__mro__
    following = classes[classes.index(mixin) + 1 :]
    return any(hasattr(cls.__dict__.get("cursor"), "__code__") for cls in following)


def become_traced(cursor: Any, mixin: Any) -> Any:
    """The cursor that the program's class made. One of a plain C class stays untraced."""
    try:
        cursor.__class__ = traced(type(cursor), mixin)
    except TypeError:
        note_not_visible(f"{type(cursor).__module__}.{type(cursor).__name__}")
    return cursor
