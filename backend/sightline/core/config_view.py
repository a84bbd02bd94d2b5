"""The effective settings for people: every key with its value (secrets masked), its origin and what it means."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, SecretStr

from sightline.core.config import Settings

MASK = "***"
SECRET_PARAMETER = re.compile(r"(?i)\b((?:password|passwd|pwd|secret|token|key)=)[^&\s]+")


@dataclass(frozen=True)
class SettingLine:
    """One key: dotted name, environment variable, masked value ("" where not set), origin, description."""

    key: str
    variable: str
    value: str
    origin: Literal["default", "environment"]
    description: str


def setting_lines(settings: Settings, environment: Mapping[str, str]) -> list[SettingLine]:
    """Every key in the order of the classes."""
    given = {name.upper() for name in environment}
    return list(_lines(settings, (), given))


def mask_url(text: str) -> str:
    """An address without its password; any other text unchanged but for password=… and the like."""
    masked = SECRET_PARAMETER.sub(rf"\g<1>{MASK}", text)
    if "://" not in masked or "@" not in masked:
        return masked
    scheme, location, path, query, fragment = urlsplit(masked)
    credentials, _, host = location.rpartition("@")
    if ":" in credentials:
        user = credentials.partition(":")[0]
        location = f"{user}:{MASK}@{host}"
    return urlunsplit((scheme, location, path, query, fragment))


def _lines(model: BaseModel, path: tuple[str, ...], given: set[str]) -> Iterator[SettingLine]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        here = (*path, name)
        if isinstance(value, BaseModel):
            yield from _lines(value, here, given)
            continue
        variable = "SIGHTLINE_" + "__".join(here).upper()
        yield SettingLine(
            ".".join(here),
            variable,
            _shown(value),
            "environment" if _is_given(here, given) else "default",
            field.description or "",
        )


def _is_given(path: tuple[str, ...], given: set[str]) -> bool:
    """Set by its own variable, or by one that holds a whole group as JSON."""
    names = ("SIGHTLINE_" + "__".join(path[:length]).upper() for length in range(1, len(path) + 1))
    return any(name in given for name in names)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return mask_url(text) if "://" in text else MASK
    return mask_url(str(value))
