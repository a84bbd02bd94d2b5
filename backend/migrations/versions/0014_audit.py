from sightline.core.migrations import run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0014_audit.up.sql")


def downgrade() -> None:
    run_sql("0014_audit.down.sql")
