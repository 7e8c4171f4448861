from __future__ import annotations


def install(module) -> None:
    pass
