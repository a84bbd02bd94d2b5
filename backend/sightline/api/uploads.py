"""Pictures that are uploaded: read within their limit, and objects that stay only if the request succeeds."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, File, UploadFile

from sightline.api.deps import ResourcesDep
from sightline.core.errors import TooLarge
from sightline.services.new_objects import NewObjects, new_objects
from sightline.vision.images import DEFAULT_LIMITS


async def uploaded_picture(
    file: Annotated[
        UploadFile,
        File(description="A JPEG, PNG or WebP picture of at most 20 MiB and 40 million pixels; its content counts."),
    ],
) -> bytes:
    """The bytes of the picture in a form's field "file". Raises TooLarge."""
    data = await file.read(DEFAULT_LIMITS.max_bytes + 1)
    if len(data) > DEFAULT_LIMITS.max_bytes:
        raise TooLarge("the picture has more than 20 MiB", hint="Scale it down or save it as JPEG.")
    return data


PictureDep = Annotated[bytes, Depends(uploaded_picture)]


async def objects_of_request(opened: ResourcesDep) -> AsyncIterator[NewObjects]:
    """For objects that go again when the request fails, its commit included: declare it before SessionDep."""
    async with new_objects(opened.storage) as objects:
        yield objects


NewObjectsDep = Annotated[NewObjects, Depends(objects_of_request, scope="function")]
