"""The table of settings in docs/operations.md, made of core/config.py.

Run `cd backend && ../.venv/bin/python -m tests.docs.settings_table` to write it anew.
"""

from sightline.core.config import Settings
from sightline.core.config_view import SettingLine, setting_lines
from tests.docs.blocks import DOCS, Block, cell

PER_USER = {"data_dir": "per-user data folder", "cache_dir": "per-user cache folder"}


def rendered() -> str:
    """The table as it should be. Defaults are those of the classes, whatever the environment says."""
    lines = setting_lines(Settings.model_construct(), {})
    rows = [f"| `{line.variable}` | {_default(line)} | {cell(line.description)} |" for line in lines]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


BLOCK = Block(DOCS / "operations.md", "settings", "settings_table", rendered)


def _default(line: SettingLine) -> str:
    if line.key in PER_USER:
        return PER_USER[line.key]
    return f"`{line.value}`" if line.value else ""


if __name__ == "__main__":
    BLOCK.rewrite()
