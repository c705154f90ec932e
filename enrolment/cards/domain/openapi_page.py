"""The OpenAPI document as a page for people, in Markdown."""

from collections.abc import Iterable, Iterator
from typing import Any

from enrolment.cards.domain.issuer_api import PROBLEMS

type Node = dict[str, Any]

INTRO = """\
{description} The same in a machine's words: `GET {server}/openapi.json` (OpenAPI 3.1), without a
token.

**Token.** An administrator makes one on the card issuer's page; its secret begins with `frt_` and
is shown once. Send it as `Authorization: Bearer frt_…`. It runs out, at the latest after two years,
and can be revoked at once. A log-in on the pages opens nothing here.

**Receipts** are JSON by the schema `Receipt` in that document, or CSV. The same bytes again are the
same receipt: the answer is 200 instead of 201, and nothing moves twice. What does not add up is
kept in quarantine and answered with 422; the sender sees it too.

**After a cut** ask for the rest of a package: `Range: bytes=FIRST-`, and `If-Range` with the ETag.

**Problems** are `application/problem+json` (RFC 9457): `code` is for machines, `title` is in
English, `detail` says in Swedish what to do, `fault` tells why a receipt is in quarantine.
"""


def openapi_page(document: Node, made: str) -> str:
    """Return the page; `made` is the line that says it is made from the code."""
    intro = INTRO.format(
        description=document["info"]["description"], server=document["servers"][0]["url"]
    )
    parts = ["# API for card issuers\n", made, intro]
    for path, node in document["paths"].items():
        shared = node.get("parameters", [])
        parts += [
            "\n".join(_operation(f"{method.upper()} {path}", operation, shared))
            for method, operation in node.items()
            if method != "parameters"
        ]
    parts.append("\n".join(_problem_table()))
    schemas = document["components"]["schemas"]
    for name in ("Batch", "ReceiptState"):
        parts.append("\n".join(_fields(name, schemas[name]["properties"])))
    return "\n".join(parts)


def _operation(title: str, operation: Node, shared: Iterable[Node]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{operation['summary']}.\n"
    parameters = [*shared, *operation.get("parameters", [])]
    if parameters:
        yield from _table("Parameter", "In", "What")
        for each in parameters:
            yield _row(f"`{each['name']}`", each["in"], _told(each))
        yield ""
    if body := operation.get("requestBody"):
        yield f"Body: {' or '.join(f'`{kind}`' for kind in body['content'])}.\n"
    yield from _table("Status", "Body", "When")
    for status, answer in operation["responses"].items():
        if status < "400":
            yield _row(status, _kind(answer), answer["description"])
    yield f"\nProblems: {', '.join(_problems(operation))}.\n"


def _kind(answer: Node) -> str:
    return f"`{next(iter(answer['content']))}`"


def _problems(operation: Node) -> Iterator[str]:
    """Yield the codes of the problems that a call can be answered with."""
    for answer in operation["responses"].values():
        schema = next(iter(answer["content"].values()))["schema"]
        if "allOf" in schema:
            narrowed = schema["allOf"][1]["properties"]
            yield from (f"`{code}`" for code in narrowed["code"]["enum"])


def _told(parameter: Node) -> str:
    schema, words = parameter["schema"], parameter["description"]
    if "maximum" in schema:
        limits = f"{schema['minimum']} to {schema['maximum']}, else {schema['default']}"
        return f"{words} {limits}."
    return str(words)


def _problem_table() -> Iterator[str]:
    yield "## Problems\n"
    yield from _table("Code", "Status", "When")
    for problem, (status, title) in PROBLEMS.items():
        yield _row(f"`{problem}`", str(status), title)
    yield ""


def _fields(name: str, properties: Node) -> Iterator[str]:
    yield f"## {name}\n"
    yield from _table("Field", "Type", "What")
    for field, rule in properties.items():
        kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
        yield _row(f"`{field}`", " or ".join(kinds), _described(rule))
    yield ""


def _described(rule: Node) -> str:
    known = ", ".join(f"`{value}`" for value in rule.get("enum", []) if value)
    return f"{rule['description']} {known}".strip()


def _table(*headings: str) -> Iterator[str]:
    yield _row(*headings)
    yield "|" + "---|" * len(headings)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
