from sightline.core.migrations import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0017_rates.up.sql")


def downgrade() -> None:
    run_sql("0017_rates.down.sql")
