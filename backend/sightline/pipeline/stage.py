"""What a stage of the pipeline is."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

Consumed_contra = TypeVar("Consumed_contra", contravariant=True)
Produced_co = TypeVar("Produced_co", covariant=True)


class Stage(Protocol[Consumed_contra, Produced_co]):
    """Values in, values out: no I/O, no clock, no settings; what a stage remembers, it
    remembers per camera or track.

    A batch may mix cameras; frames of one camera stand in it in the order of their capture.
    One thread at a time calls process.
    """

    @property
    def consumes(self) -> type:
        """The type of value that process takes."""
        ...

    @property
    def produces(self) -> type:
        """The type of value that process gives."""
        ...

    def process(self, batch: Sequence[Consumed_contra]) -> Sequence[Produced_co]:
        """Work on a batch, in its order. An empty batch is fine."""
        ...
