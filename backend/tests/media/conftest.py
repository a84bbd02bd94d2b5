"""Property tests of this folder know no clock: other cameras may have the processor."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
