from sightline.core.migrations import run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0019_deliveries.up.sql")


def downgrade() -> None:
    run_sql("0019_deliveries.down.sql")
