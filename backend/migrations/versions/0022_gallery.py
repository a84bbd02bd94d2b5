from sightline.core.migrations import run_sql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0022_gallery.up.sql")


def downgrade() -> None:
    run_sql("0022_gallery.down.sql")
