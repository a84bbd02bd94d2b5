"""What a worker reports of a camera does not make anybody's copy of it old."""

from sightline.core.migrations import run_sql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0024_camera_reports.up.sql")


def downgrade() -> None:
    run_sql("0024_camera_reports.down.sql")
