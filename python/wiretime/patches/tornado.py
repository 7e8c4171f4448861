# Tornado: one coroutine per connection reads request after request, so that the network alone says the wrong one. In: handlers
# about to run. Out: the context of the request on their connection, its route from the pattern of the rule.

from __future__ import annotations

import re

from .. import guard
from ..connection_state import state_of
from ..context import set_context
from ..coverage import note_hooked
from ..entry import set_route
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# What a rule's pattern has where a part of the path is taken out.
_GROUP = re.compile(r"\((?:\?P<(\w+)>)?(?:[^()\\]|\\.)*\)")


def install(module: ModuleType) -> None:
    if module.__name__ == "tornado.routing":
        wrap(module.PathMatches, "match", _match)
    else:
        wrap(module.RequestHandler, "_execute", _execute)
        note_hooked("tornado")


def _execute(original: Any) -> Any:
    async def _execute(self: Any, *args: Any, **named: Any) -> Any:
        if guard.active:
            try:
                _enter(self.request)
            except Exception as error:
                guard.fail(error)
        return await original(self, *args, **named)

    return _execute


def _enter(request: Any) -> None:
    exchange = _exchange_of(request)
    if exchange is None:
        return
    set_context(exchange)
    if exchange.route == "":
        set_route(request.__dict__.get("_wiretime_route"))


def _exchange_of(request: Any) -> Any:
    stream = getattr(getattr(request, "connection", None), "stream", None)
    sock = getattr(stream, "socket", None)
    state = state_of(sock) if sock is not None else None
    return None if state is None else (state.layer or state).exchange


def _match(original: Any) -> Any:
    def match(self: Any, request: Any) -> Any:
        found = original(self, request)
        if found is not None and guard.active:
            try:
                # Of rules within rules the innermost is asked last.
                request.__dict__["_wiretime_route"] = template_of(self.regex.pattern)
            except Exception as error:
                guard.fail(error)
        return found

    return match


def template_of(pattern: str) -> str:
    """`/item/([^/]+)$` → `/item/{}`, `/item/(?P<id>\\d+)` → `/item/{id}`."""
    return _GROUP.sub(lambda group: "{%s}" % (group.group(1) or ""), pattern).rstrip("$")
