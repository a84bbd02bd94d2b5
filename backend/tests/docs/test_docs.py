"""The documents speak of what is there: links lead somewhere, names exist, commands and keys are described."""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import typer

from sightline.api.permissions import MATRIX, scope
from sightline.api.socket import CloseCode
from sightline.cli import build_app
from sightline.workers.watch import Watch, event_object
from tests.docs import api_tables, settings_table
from tests.docs.blocks import Block

REPOSITORY = Path(__file__).parents[3]
PACKAGE = REPOSITORY / "backend" / "sightline"
DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")])
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")
SERVICES = """
create_camera update_camera delete_camera get_camera_stream_url validate_stream_url get_camera_stats
create_subject update_subject delete_subject add_subject_image remove_subject_image search_by_face get_subject_timeline
process_detection find_matches update_subject_embeddings get_recognition_stats
create_alert acknowledge_alert resolve_alert get_alert_rules create_alert_rule evaluate_alert_rules send_notifications
get_dashboard_stats get_trends get_camera_analytics get_subject_analytics generate_report
"""
"""Every function that the specification names in 2.4; "enable/disable detection" is the only one without a name."""


def text_of(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """What a page's headings are called in addresses."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


@cache
def sources() -> str:
    """The package's code and SQL."""
    files = [*PACKAGE.rglob("*.py"), *(REPOSITORY / "backend" / "migrations").rglob("*.sql")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def is_known(name: str) -> bool:
    """Whether a path or a name of the code exists; of a phrase every word must."""
    path = name.rstrip("/").split(" ")[0]
    if any((root / path).exists() for root in (PACKAGE, PACKAGE.parent, REPOSITORY, DOCS)):
        return True
    if "/" in name:
        return False
    return all(re.search(rf"\b{re.escape(part)}\b", sources()) for part in re.findall(r"\w+", name))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(text_of(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            dead.append(link)
    assert not dead


@pytest.mark.parametrize("block", [settings_table.BLOCK, *api_tables.BLOCKS], ids=lambda block: block.name)
def test_tables_that_are_made_of_the_code_are_up_to_date(block: Block) -> None:
    assert block.written() == block.rendered(), (
        f"write it anew: cd backend && ../.venv/bin/python -m tests.docs.{block.script}"
    )


def test_every_route_stands_in_the_reference() -> None:
    page = (DOCS / "API_REFERENCE.md").read_text(encoding="utf-8")
    keys = {operation.key for operation in api_tables.operations()}
    assert len(keys) > 100
    listed = re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", page, re.MULTILINE)
    assert {re.sub(r"{[^}]*}", "{}", line) for line in listed} == keys


def test_every_close_code_of_the_socket_is_described() -> None:
    section = text_of(DOCS / "api.md").partition("## Events")[2]
    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", section, re.MULTILINE)} == set(CloseCode)


def test_the_matrix_in_the_documents_is_that_of_the_code() -> None:
    """Read from the page as a person would, not by the program that wrote it."""
    rows = [[part.strip() for part in line.split("|")[1:-1]] for line in api_tables.MATRIX_BLOCK.written().splitlines()]
    roles = rows[0][2:]
    told = {row[1].strip("`"): {role for role, cell in zip(roles, row[2:], strict=True) if cell} for row in rows[2:]}
    assert told == {scope(permission): {role.value for role in allowed} for permission, allowed in MATRIX.items()}


def commands(group: object, path: tuple[str, ...] = ()) -> list[str]:
    """Names of all commands below a group of the command line."""
    nested: dict[str, object] = getattr(group, "commands", {})
    return [found for name, one in nested.items() for found in commands(one, (*path, name))] or [" ".join(path)]


def test_every_command_is_described() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    names = commands(typer.main.get_command(build_app()))
    missing = [name for name in names if not re.search(rf"^### {name}$|sightline {name}\b", page, re.MULTILINE)]
    assert not missing, "describe these in docs/operations.md"


def test_every_key_of_the_events_is_described() -> None:
    section = text_of(DOCS / "operations.md").partition("## JSON events of watch")[2]
    described = set(CODE.findall(section.partition("\n## ")[0]))
    assert keys_of(event_object) | keys_of(Watch.summary) <= described


def keys_of(function: Callable[..., object]) -> set[str]:
    """Keys of the object that a function returns, read from its code."""
    body = ast.parse(textwrap.dedent(inspect.getsource(function)))
    returned = next(node.value for node in ast.walk(body) if isinstance(node, ast.Return))
    assert isinstance(returned, ast.Dict)
    return {str(key.value) for key in returned.keys if isinstance(key, ast.Constant)}


def test_names_of_the_glossary_exist() -> None:
    rows = [line.split("|") for line in text_of(DOCS / "glossary.md").splitlines() if line.startswith("| ")]
    names = [name for row in rows[1:] for name in CODE.findall(row[3])]
    assert names
    assert [name for name in names if not is_known(name)] == []


INTERFACE = "### Frontend"


def test_what_the_table_of_names_says_to_be_there_is_there() -> None:
    section = text_of(DOCS / "architecture.md").partition("## Where the specification's names live")[2]
    before, _, rest = section.partition(INTERFACE)
    interface, _, after = rest.partition("\n### ")
    assert len(present_names(before + after)) > 100
    assert [name for name in present_names(before + after) if not is_known(name)] == []
    assert len(present_names(interface)) > 40
    assert [name for name in present_names(interface) if not is_known_to_interface(name)] == []


def present_names(section: str) -> list[str]:
    """What the second column says to be there, not what it says to be planned."""
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")]
    return [name for row in rows for name in CODE.findall(re.split(r"planned \(", row[2])[0])]


def is_known_to_interface(name: str) -> bool:
    """Paths below frontend/src, of which {a,b} are several; names of its code otherwise."""
    if "/" in name or name.endswith((".css", ".tsx")):
        head, brace, tail = name.partition("{")
        if not brace:
            return any((SOURCE / folder / name).exists() for folder in ("", "features/cameras/components"))
        middle, _, end = tail.partition("}")
        return all((SOURCE / f"{head}{part}{end}").exists() for part in middle.split(","))
    return all(re.search(rf"\b{word}\b", interface_code()) for word in re.findall(r"\w+", name))


SOURCE = DOCS.parent / "frontend" / "src"


@functools.cache
def interface_code() -> str:
    """Code and names of files, without what is generated."""
    found = [path for path in SOURCE.rglob("*.ts*") if "client" not in path.parts]
    return "\n".join([path.read_text(encoding="utf-8") for path in found] + [path.stem for path in found])


def test_every_service_of_the_specification_has_its_row() -> None:
    section = text_of(DOCS / "architecture.md").partition("### Services (2.4)")[2].partition("\n### ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in CODE.findall(row[1])}
    assert set(SERVICES.split()) <= named
    assert [row[1].strip() for row in rows if not CODE.findall(row[2])] == ["specification"]


def test_every_decision_stands_in_the_index() -> None:
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    for page in sorted((DOCS / "adr").glob("0*.md")):
        title = page.read_text(encoding="utf-8").splitlines()[0]
        assert f"({page.name}) | {title.partition('. ')[2]} |" in index
