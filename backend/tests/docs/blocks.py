"""Parts of the documents that are made of the code: between two comments, written anew by a command."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


@dataclass(frozen=True)
class Block:
    """A part of a page. name stands in its comments; script: the module that writes it."""

    page: Path
    name: str
    script: str
    rendered: Callable[[], str]

    @property
    def begin(self) -> str:
        """The comment before it."""
        return f"<!-- {self.name}: written by tests/docs/{self.script}.py -->"

    @property
    def end(self) -> str:
        """The comment after it."""
        return f"<!-- {self.name}: end -->"

    def written(self) -> str:
        """As it stands in the page."""
        return self.page.read_text(encoding="utf-8").partition(self.begin)[2].partition(self.end)[0].strip()

    def rewrite(self) -> None:
        """Put it into the page, where its two comments are."""
        page = self.page.read_text(encoding="utf-8")
        if self.begin not in page or self.end not in page:
            sys.exit(f"{self.page.name} has no place for {self.name}")
        before, _, rest = page.partition(self.begin)
        after = rest.partition(self.end)[2]
        self.page.write_text(f"{before}{self.begin}\n{self.rendered()}\n{self.end}{after}", encoding="utf-8")


def cell(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
