# What both files that Python runs at its start do: start the agent, then run the file of the same name that ours hides.
# Nothing here may fail or leave anything behind.

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGES = os.path.dirname(_HERE)


def run(name):
    """`name`: sitecustomize or usercustomize."""
    _start_agent()
    _run_hidden(name)


def _start_agent():
    # Bytecode is kept beside our own files even where the application's is not: without it a start takes 15 ms longer.
    keeps_none = sys.dont_write_bytecode
    sys.path.insert(0, _PACKAGES)
    try:
        sys.dont_write_bytecode = False
        from wiretime.main import start

        start()
    except Exception:
        pass
    finally:
        sys.dont_write_bytecode = keeps_none
        if _PACKAGES in sys.path:
            sys.path.remove(_PACKAGES)


def _run_hidden(name):
    from importlib.machinery import PathFinder

    others = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != _HERE]
    spec = PathFinder.find_spec(name, others)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    ours = sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules[name] = ours
        raise
