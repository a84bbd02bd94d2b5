from sightline.core.migrations import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0004_audit.up.sql")


def downgrade() -> None:
    run_sql("0004_audit.down.sql")
