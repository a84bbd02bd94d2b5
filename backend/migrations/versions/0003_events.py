from sightline.core.migrations import run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0003_events.up.sql")


def downgrade() -> None:
    run_sql("0003_events.down.sql")
