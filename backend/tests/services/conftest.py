import pytest

from tests.services.fake_models import PaintedModels


@pytest.fixture
def painted() -> PaintedModels:
    return PaintedModels()
