# Where a class begins. In: a class, the file of its module. Out: its line, and what stands for its code in a place (frames.py).

from __future__ import annotations

SOURCE_LINES = 20_000


class ClassCode:
    """A class, as the code of a function says what it is."""

    def __init__(self, cls: type, file: str) -> None:
        self.co_filename = file
        self.co_name = cls.__name__
        self.co_qualname = cls.__qualname__


def line_of_class(cls: type, file: str) -> int:
    """0: not found. Only from Python 3.13 on a class knows it."""
    known = cls.__dict__.get("__firstlineno__")
    if isinstance(known, int):
        return known
    try:
        with open(file, encoding="utf-8") as source:
            for number, line in zip(range(1, SOURCE_LINES), source):
                words = line.replace("(", " ").replace(":", " ").split(None, 2)
                if words[:2] == ["class", cls.__name__]:
                    return number
    except (OSError, UnicodeDecodeError):
        pass
    return 0
