"""The API for servers that make their own application: uvicorn --factory sightline.main:create_app."""

from fastapi import FastAPI

from sightline.api import app
from sightline.core.config import load_settings
from sightline.middleware.request_log import configure_logging


def create_app() -> FastAPI:
    """With the settings of the environment. Raises ConfigInvalid; ServiceUnavailable on start without addresses."""
    configure_logging()
    return app.create_app(load_settings())
