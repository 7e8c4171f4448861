# Libraries in C that talk to peers past Python's sockets and have no patch. In: their import. Out: their names, so that the user
# is told what is missing instead of believing that there was nothing.

from __future__ import annotations

from ..coverage import note_not_visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def install(module: ModuleType) -> None:
    note_not_visible(module.__name__)
