from sightline.core.migrations import run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0016_statistics.up.sql")


def downgrade() -> None:
    run_sql("0016_statistics.down.sql")
