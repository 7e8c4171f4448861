# How a function of somebody else is replaced. In: its owner, its name, our wrapper. Out: a wrapper that looks like the original.

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_COPIED = ("__module__", "__name__", "__qualname__", "__doc__")


def wrap(owner: Any, name: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """`owner.name` becomes `make(original)`. Nothing happens when there is no such function, or it is ours already."""
    original = getattr(owner, name, None)
    if original is None or is_ours(original):
        return
    wrapper = make(original)
    for attribute in _COPIED:
        try:
            setattr(wrapper, attribute, getattr(original, attribute))
        except (AttributeError, TypeError):
            pass
    wrapper.__wrapped__ = original  # type: ignore[attr-defined]
    wrapper._is_wiretime = True  # type: ignore[attr-defined]
    setattr(owner, name, wrapper)


def is_ours(function: Any) -> bool:
    """Whether it is a wrapper already. Mocks have every attribute that they are asked for."""
    return getattr(function, "_is_wiretime", None) is True
