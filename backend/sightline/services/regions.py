"""Regions of interest and privacy masks, as people write them down."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sightline.core.errors import InvalidInput
from sightline.domain.regions import Point, Polygon, Regions

EXAMPLE = '{"interest": [[[0, 0], [1, 0], [1, 1]]], "privacy": []}'


class _RegionsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    interest: tuple[tuple[Point, ...], ...] = ()
    privacy: tuple[tuple[Point, ...], ...] = ()


def read_regions(path: Path | None) -> Regions:
    """Regions of a JSON file; the whole picture and no mask when path is None.

    Raises InvalidInput that says what is wrong with the file: a privacy mask that is not understood must stop
    the camera rather than show what it should hide.
    """
    if path is None:
        return Regions()
    try:
        parsed = _RegionsFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
        return Regions(_polygons(parsed.interest), _polygons(parsed.privacy))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", hint="Check the path of --regions.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InvalidInput(f"{path}: {place}: {first['msg']}", hint=f"Write polygons such as {EXAMPLE}") from error
    except ValueError as error:
        raise InvalidInput(f"{path}: {error}", hint=f"Write polygons such as {EXAMPLE}") from error


def _polygons(rows: tuple[tuple[Point, ...], ...]) -> tuple[Polygon, ...]:
    return tuple(Polygon(points) for points in rows)
