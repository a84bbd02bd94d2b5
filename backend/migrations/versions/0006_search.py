from sightline.core.migrations import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0006_search.up.sql")


def downgrade() -> None:
    run_sql("0006_search.down.sql")
