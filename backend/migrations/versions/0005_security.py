from sightline.core.migrations import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0005_security.up.sql")


def downgrade() -> None:
    run_sql("0005_security.down.sql")
