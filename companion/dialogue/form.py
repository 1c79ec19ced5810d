"""The form that a model fills in when it reflects. Apart from `reflection`, since validation is slow to load."""

from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from companion.memory.memory import Kind

READ_AT_MOST = 100
"""Entries; a model that goes on and on is not read to its end."""


class Noted(BaseModel):
    """One thing worth keeping, as a model puts it; what each field should hold stands in `prompts/reflection.md`."""

    kind: Literal[tuple(Kind)]  # type: ignore[valid-type] # the kinds, one by one, for the schema
    text: str = Field(min_length=1)
    quote: str = Field(min_length=1)
    about: str = ""
    aspect: str = ""


class Reflection(BaseModel):
    """What a model found worth keeping."""

    memories: list[Noted]

    @field_validator("memories", mode="before")
    @classmethod
    def whole_ones(cls, entries: Any) -> Any:
        """Leave out the entries that are not whole, so that one of them does not spoil the others."""
        return [entry for entry in entries[:READ_AT_MOST] if _is_whole(entry)] if isinstance(entries, list) else entries


def _is_whole(entry: Any) -> bool:
    try:
        Noted.model_validate(entry)
    except ValidationError:
        return False
    return True
