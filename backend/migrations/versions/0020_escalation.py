from sightline.core.migrations import run_sql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0020_escalation.up.sql")


def downgrade() -> None:
    run_sql("0020_escalation.down.sql")
