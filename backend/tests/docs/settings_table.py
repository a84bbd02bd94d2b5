"""The table of settings in docs/operations.md, made of core/config.py.

Run `cd backend && ../.venv/bin/python -m tests.docs.settings_table` to write it anew.
"""

from pathlib import Path

from sightline.core.config import Settings
from sightline.core.config_view import SettingLine, setting_lines

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
BEGIN = "<!-- settings: written by tests/docs/settings_table.py -->"
END = "<!-- settings: end -->"
PER_USER = {"data_dir": "per-user data folder", "cache_dir": "per-user cache folder"}


def rendered() -> str:
    """The table as it should be. Defaults are those of the classes, whatever the environment says."""
    lines = setting_lines(Settings.model_construct(), {})
    rows = [f"| `{line.variable}` | {_default(line)} | {_cell(line.description)} |" for line in lines]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def written(page: str) -> str:
    """The table as it stands in the page."""
    return page.partition(BEGIN)[2].partition(END)[0].strip()


def rewrite() -> None:
    """Put the table into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{rendered()}\n{END}{after}", encoding="utf-8")


def _default(line: SettingLine) -> str:
    if line.key in PER_USER:
        return PER_USER[line.key]
    return f"`{line.value}`" if line.value else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    rewrite()
