from sightline.core.migrations import run_sql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0021_workers.up.sql")


def downgrade() -> None:
    run_sql("0021_workers.down.sql")
