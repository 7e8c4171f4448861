# pycurl: libcurl in C. In: `Curl`, as a subclass that has its name. Out: a driver operation for each `perform`: method, host, and
# curl's own code or the HTTP status when it failed. No trace is told: headers that are set cannot be read back. Not seen: `CurlMulti`.
# The base of the classes here is only known when the library is there.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import sys

from .. import driver, guard
from ..coverage import note_not_visible
from ..driver import Peer
from .traced_class import traced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    Base = Any
else:
    Base = object

_PORTS = {"http": "80", "https": "443"}
_FIRST_ERROR = 400


def install(module: ModuleType) -> None:
    module.Curl = traced(module.Curl, _Curl)  # type: ignore[attr-defined]
    module.CurlMulti = traced(module.CurlMulti, _Multi)  # type: ignore[attr-defined]
    driver.install("pycurl")


class _Curl(Base):
    def perform(self) -> Any:
        return _perform(self, super().perform)

    def perform_rb(self) -> Any:
        return _perform(self, super().perform_rb)

    def perform_rs(self) -> Any:
        return _perform(self, super().perform_rs)


class _Multi(Base):
    def add_handle(self, handle: Any) -> Any:
        note_not_visible("pycurl.CurlMulti")
        return super().add_handle(handle)


class _Failure(Exception):
    """For its name."""

    def __init__(self, name: str) -> None:
        self.sqlstate = name


def _perform(curl: Any, original: Callable[[], Any]) -> Any:
    # Which host it is, curl only says afterwards.
    begun = driver.begin_aside(_ANY, "perform")
    try:
        result = original()
    except BaseException as error:
        _end(curl, begun, error)
        raise
    _end(curl, begun, None)
    return result


_ANY = Peer("http", "", "", is_shared=True)


def _end(curl: Any, begun: Any, error: BaseException | None) -> None:
    if begun is None or not guard.active:
        return
    try:
        pycurl = sys.modules["pycurl"]
        scheme, address = _split(str(curl.getinfo(pycurl.EFFECTIVE_URL) or ""))
        status = int(curl.getinfo(pycurl.RESPONSE_CODE) or 0)
        if error is None and scheme in _PORTS and status >= _FIRST_ERROR:
            error = _Failure(str(status))
        method = getattr(pycurl, "EFFECTIVE_METHOD", None)
        statement = str(curl.getinfo(method)) if method is not None else "perform"
        protocol = "http" if scheme in _PORTS else "unknown"
        driver.end(Peer(protocol, address, "", is_shared=True), begun, statement, error=error)
    except Exception as own:
        guard.fail(own)


def _split(url: str) -> tuple[str, str]:
    """Scheme, and host:port without who logs in."""
    scheme, _, rest = url.partition("://")
    for end in "/?#":
        rest = rest.partition(end)[0]
    host = rest.rpartition("@")[2]
    has_port = host.rpartition(":")[2].isdigit() and not host.endswith("]")
    port = _PORTS.get(scheme.lower(), "")
    return scheme.lower(), host if has_port or not port else f"{host}:{port}"
