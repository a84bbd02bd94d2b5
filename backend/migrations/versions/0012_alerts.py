from sightline.core.migrations import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0012_alerts.up.sql")


def downgrade() -> None:
    run_sql("0012_alerts.down.sql")
