"""People who were seen last by a track that is not theirs any more."""

from sightline.core.migrations import run_sql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0023_seen.up.sql")


def downgrade() -> None:
    run_sql("0023_seen.down.sql")
