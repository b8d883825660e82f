"""Which values are followed: by fields, and by whatever else one can say of a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from cohstream.errors import ConfigError

V = TypeVar("V", bound=Struct)


def wanted(model: type[V], where: Callable[[V], bool] | None, fields: Mapping[str, Any]) -> Callable[[V], bool]:
    """Whether a value is wanted: every field is as named, or one of those named, and ``where`` says so.

    Raises :class:`ConfigError` for a field that ``model`` lacks, and for words that it can never have.
    """
    named = {name: _accepted(model, name, said) for name, said in fields.items()}

    def is_wanted(value: V) -> bool:
        return all(getattr(value, name) in accepted for name, accepted in named.items()) and (
            where is None or where(value)
        )

    return is_wanted


def _accepted(model: type[Struct], name: str, said: Any) -> Collection[Any]:
    kinds = {one.name: one.type for one in msgspec.structs.fields(model)}
    if name not in kinds:
        raise ConfigError(f"{model.__name__} has no field {name!r}; filter by: {', '.join(kinds)}")
    each = list(said) if isinstance(said, list | tuple | set | frozenset) else [said]
    try:
        return [msgspec.convert(one, kinds[name]) for one in each]
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"the field {name!r} of {model.__name__} is never {said!r}: {error}; name one value or a list of them, or "
            "say by `where` which values you want"
        ) from None
