from sightline.core.migrations import run_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0013_jobs.up.sql")


def downgrade() -> None:
    run_sql("0013_jobs.down.sql")
