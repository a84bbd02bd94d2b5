"""The benches of the database, run small: they measure what they say."""

import numpy as np
import pytest

from sightline.commands.bench_db import identities, measure_vectors, measure_writes
from sightline.core.database import Database
from tests.support.database import DatabaseAddress


def test_templates_of_one_identity_are_near_each_other_and_far_from_others() -> None:
    samples = identities(50, 2)
    genuine = np.einsum("nd,nd->n", samples[:, 0], samples[:, 1])
    impostor = np.einsum("nd,nd->n", samples[:-1, 0], samples[1:, 0])
    assert 0.5 < genuine.mean() < 0.8
    assert impostor.max() < genuine.min()


@pytest.mark.asyncio
async def test_search_is_nearly_exact_with_and_without_filter(
    own_database: DatabaseAddress, database: Database
) -> None:
    figures = await measure_vectors(own_database.admin_dsn, database, stored=2000, probes=100)
    assert figures.templates == 2000
    assert figures.everything.recall >= 0.99
    assert figures.one_percent.recall >= 0.99


@pytest.mark.asyncio
async def test_writes_are_counted_both_ways(own_database: DatabaseAddress, database: Database) -> None:
    figures = await measure_writes(own_database.admin_dsn, database, rows=64)
    assert min(figures.with_template, figures.without_template, figures.bare_with_template) > 0
