# Web frameworks: where a request begins and which route it takes. In: their applications and routers. Out: contexts and route
# templates (entry.py). Frameworks on their own servers, and queues, have files of their own.

from __future__ import annotations

import sys

from .. import guard
from ..context import variable
from ..coverage import note_hooked
from ..entry import add_route, asgi_entry, set_route, set_view, wsgi_entry
from ..hook import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


_get = variable.get


def install(module: ModuleType) -> None:
    name = module.__name__
    _INSTALL[name](module)
    note_hooked(name.partition(".")[0])


def before(read: Any) -> Any:
    """Calls `read(self, args)` before the original."""

    def make(original: Any) -> Any:
        def method(self: Any, *args: Any, **named: Any) -> Any:
            if guard.active:
                try:
                    read(self, args)
                except Exception as error:
                    guard.fail(error)
            return original(self, *args, **named)

        return method

    return make


def after(read: Any) -> Any:
    """Calls `read(self, args, result)` after the original."""

    def make(original: Any) -> Any:
        def method(self: Any, *args: Any, **named: Any) -> Any:
            result = original(self, *args, **named)
            if guard.active:
                try:
                    read(self, args, result)
                except Exception as error:
                    guard.fail(error)
            return result

        return method

    return make


# ---- Flask ----


def _flask(module: ModuleType) -> None:
    wrap(module.Flask, "__call__", wsgi_entry)
    wrap(module.Flask, "dispatch_request", _flask_dispatch)


def _flask_dispatch(original: Any) -> Any:
    def dispatch_request(self: Any, *args: Any) -> Any:
        if guard.active:
            try:
                # Each attribute of the proxy costs a microsecond; newer versions hand over what has the request.
                request = getattr(args[0], "request", None) if args else None
                if request is None:
                    request = sys.modules["flask"].request._get_current_object()
                rule = request.url_rule
                if rule is not None:
                    running: Any = _get()
                    exchange: Any = running if running.is_exchange else running.exchange
                    if exchange is not None:
                        mounted_at = request.environ.get("SCRIPT_NAME")
                        exchange.route = mounted_at + rule.rule if mounted_at else rule.rule
            except Exception as error:
                guard.fail(error)
        return original(self, *args)

    return dispatch_request


# ---- Django ----


def _django_base(module: ModuleType) -> None:
    wrap(module.BaseHandler, "resolve_request", after(_django_route))


def _django_route(_handler: Any, args: Any, match: Any) -> None:
    route = match.route
    if isinstance(route, str):
        # Regular expressions keep what stands between their ends.
        set_route("/" + route.lstrip("^/").rstrip("$"))
        set_view(match.func)


def _django_wsgi(module: ModuleType) -> None:
    wrap(module.WSGIHandler, "__call__", wsgi_entry)


def _django_asgi(module: ModuleType) -> None:
    wrap(module.ASGIHandler, "__call__", asgi_entry)


# ---- Starlette, FastAPI ----


def _starlette(module: ModuleType) -> None:
    wrap(module.Starlette, "__call__", asgi_entry)


def _starlette_routing(module: ModuleType) -> None:
    """`Mount` says the first part of the template, the routes below it the rest."""
    wrap(module.Mount, "handle", _starlette_handle)
    wrap(module.Route, "handle", _starlette_handle)


def _fastapi(module: ModuleType) -> None:
    """In newer versions routes of included routers know their whole path only from the scope, and pass over `Route.handle`."""
    find = getattr(module, "_get_scope_effective_route_context", None)
    if find is not None:
        wrap(module.APIRoute, "handle", before(_included_route(find)))


def _included_route(find: Any) -> Any:
    def read(route: Any, args: Any) -> None:
        context = find(args[0]) if args else None
        if context is not None and context.original_route is route:
            add_route(context.path_format or context.path)

    return read


def _starlette_handle(original: Any) -> Any:
    """What a coroutine function answers is passed on."""

    def handle(self: Any, scope: Any, receive: Any, send: Any) -> Any:
        if guard.active:
            try:
                if scope.get("type") == "http":
                    # `add_route`, written out.
                    running: Any = _get()
                    exchange: Any = running if running.is_exchange else running.exchange
                    if exchange is not None:
                        exchange.route += self.path
            except Exception as error:
                guard.fail(error)
        return original(self, scope, receive, send)

    return handle


# ---- Bottle ----


def _bottle(module: ModuleType) -> None:
    wrap(module.Bottle, "__call__", wsgi_entry)
    wrap(module.Router, "match", after(_bottle_route))


def _bottle_route(_router: Any, _args: Any, result: Any) -> None:
    set_route(getattr(result[0], "rule", ""))


# ---- Falcon ----


def _falcon(module: ModuleType) -> None:
    wrap(module.App, "__call__", wsgi_entry)
    wrap(module.App, "_get_responder", after(_falcon_route))


def _falcon_asgi(module: ModuleType) -> None:
    wrap(module.App, "__call__", asgi_entry)


def _falcon_route(_app: Any, _args: Any, result: Any) -> None:
    """Responder, parameters, resource, template."""
    set_route(result[3])


# ---- Pyramid ----


def _pyramid(module: ModuleType) -> None:
    wrap(module.Router, "__call__", wsgi_entry)
    wrap(module.Router, "handle_request", after(_pyramid_route))


def _pyramid_route(_router: Any, args: Any, _result: Any) -> None:
    route = getattr(args[0], "matched_route", None) if args else None
    if route is not None:
        set_route("/" + route.pattern.lstrip("/"))


# ---- Sanic ----


def _sanic(module: ModuleType) -> None:
    wrap(module.Router, "get", after(_sanic_route))


def _sanic_route(_router: Any, _args: Any, result: Any) -> None:
    set_route("/" + result[0].path.lstrip("/"))


# ---- aiohttp ----


def _aiohttp(module: ModuleType) -> None:
    wrap(module.UrlDispatcher, "resolve", _aiohttp_resolve)


def _aiohttp_resolve(original: Any) -> Any:
    async def resolve(self: Any, request: Any) -> Any:
        match = await original(self, request)
        if guard.active:
            try:
                resource = match.route.resource
                if resource is not None:
                    set_route(resource.canonical)
            except Exception as error:
                guard.fail(error)
        return match

    return resolve


_INSTALL = {
    "flask.app": _flask,
    "django.core.handlers.base": _django_base,
    "django.core.handlers.wsgi": _django_wsgi,
    "django.core.handlers.asgi": _django_asgi,
    "starlette.applications": _starlette,
    "starlette.routing": _starlette_routing,
    "fastapi.routing": _fastapi,
    "bottle": _bottle,
    "falcon.app": _falcon,
    "falcon.asgi.app": _falcon_asgi,
    "pyramid.router": _pyramid,
    "sanic.router": _sanic,
    "aiohttp.web_urldispatcher": _aiohttp,
}
