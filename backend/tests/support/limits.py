"""Settings of an API whose quotas are others than the usual ones."""

from sightline.core.config import RateLimitSettings, Settings

PLENTY = 10**6


def with_limits(settings: Settings, others: int = PLENTY, **limits: int) -> Settings:
    """The same settings with these quotas per minute, and others for the rest."""
    quotas = RateLimitSettings(**{**dict.fromkeys(RateLimitSettings.model_fields, others), **limits})
    return settings.model_copy(update={"api": settings.api.model_copy(update={"rate_limits": quotas})})
