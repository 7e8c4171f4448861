# JSON of the few shapes that the agent says. In: texts, numbers, lists of texts. Out: JSON, without the 3 ms that loading `json` costs
# a program which does not use it.

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Union

    Plain = Union[str, int, Sequence[str]]


def quoted(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text)


def json_object(facts: Mapping[str, Plain]) -> str:
    return "{" + ",".join(f"{quoted(name)}:{_value(value)}" for name, value in facts.items()) + "}"


def _value(value: Plain) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value)
    return "[" + ",".join(map(quoted, value)) + "]"
