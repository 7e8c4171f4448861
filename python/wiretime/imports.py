# Patches modules when the application imports them, and never imports one itself. In: the table of patches.
# Out: `install(module)` of the patch, called right after the module's own code ran. Other modules: one look-up in a dict.

from __future__ import annotations

import sys

from . import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def install(patches: dict[str, str]) -> None:
    """`patches`: module of somebody else → module of ours that has `install(module)`."""
    for name in patches:
        module = sys.modules.get(name)
        if module is not None:
            _patch(patches[name], module)
    sys.meta_path.insert(0, _Finder(patches))  # type: ignore[arg-type]


def _patch(patch: str, module: ModuleType) -> None:
    try:
        load(patch).install(module)
    except Exception as error:
        guard.fail(error)


def load(name: str) -> Any:
    """
    A module of our own that is only needed now. Its bytecode is kept, also where the application's is not, as in many containers:
    without it a start takes 10 ms longer (boot/wiretime_boot.py does the same).
    """
    keeps_none = sys.dont_write_bytecode
    try:
        sys.dont_write_bytecode = False
        __import__(name)
        return sys.modules[name]
    finally:
        sys.dont_write_bytecode = keeps_none


class _Finder:
    """Finds nothing by itself: asks the other finders for the few modules that have a patch."""

    def __init__(self, patches: dict[str, str]) -> None:
        self._patches = patches
        self._asking: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        patch = self._patches.get(name)
        if patch is None or name in self._asking or not guard.active:
            return None
        self._asking.add(name)
        try:
            spec = _spec_of_others(self, name, path, target)
        finally:
            self._asking.discard(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, patch)  # type: ignore[assignment]
        return spec


def _spec_of_others(finder: _Finder, name: str, path: Any, target: Any) -> ModuleSpec | None:
    for other in sys.meta_path:
        find_spec = getattr(other, "find_spec", None)
        if other is finder or find_spec is None:
            continue
        spec = find_spec(name, path, target)
        if spec is not None:
            return spec
    return None


class _Loader:
    """Stands in for the real loader until the module's code has run; then nobody sees it any more."""

    def __init__(self, loader: Any, patch: str) -> None:
        self._loader = loader
        self._patch = patch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        _put_back(module, self._loader)
        self._loader.exec_module(module)
        _patch(self._patch, module)


def _put_back(module: ModuleType, loader: Any) -> None:
    try:
        module.__loader__ = loader
        if module.__spec__ is not None:
            module.__spec__.loader = loader
    except AttributeError:
        pass
