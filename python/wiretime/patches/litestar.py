# Litestar: where a request begins and which route it takes. In: its application, its routes. Out: contexts and route templates (entry.py).

from __future__ import annotations

from ..coverage import note_hooked
from ..entry import asgi_entry, set_route
from ..hook import wrap
from .frameworks import before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(module: ModuleType) -> None:
    if module.__name__ == "litestar.app":
        wrap(module.Litestar, "__call__", asgi_entry)
    else:
        wrap(module.HTTPRoute, "handle", before(_route))
    note_hooked("litestar")


def _route(route: Any, args: Any) -> None:
    """The router has said the whole template; before 2.10 only the route knows it, without the types of its parameters."""
    template = args[0].get("path_template") if args else None
    set_route(template or route.path_format)
