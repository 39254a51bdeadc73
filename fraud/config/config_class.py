"""The classes of the configuration: frozen dataclasses checked by pydantic, whose faults are ``ConfigError``."""

import functools
from dataclasses import field
from typing import Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from fraud.config.faults import describe
from fraud.errors import ConfigError

Owner = TypeVar("Owner", bound=type)

CHECKS = ConfigDict(extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def config_class(owner: Owner) -> Owner:
    """Make a class a frozen, keyword-only dataclass that checks types and ranges at construction.

    The docstring beneath a key is its description. A ``ValueError`` that ``__post_init__`` raises is a fault like any
    other; its message goes on where the place ends, as ``takes column or columns, not both``.

    Raises:
        ConfigError: at construction: an unknown key, a wrong type, a value out of range.
    """
    checked: Any = dataclass(frozen=True, kw_only=True, config=CHECKS)(owner)
    construct = checked.__init__

    @functools.wraps(construct)
    def checked_init(self: Any, **values: Any) -> None:
        try:
            construct(self, **values)
        except ValidationError as error:
            raise ConfigError(describe(error, checked, checked.__name__)) from None

    checked.__init__ = checked_init
    return checked  # type: ignore[no-any-return]
