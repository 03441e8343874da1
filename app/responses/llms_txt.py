"""`/llms.txt`: a guide to this API for language models (llmstxt.org)."""

import json
from pathlib import Path
from string import Template

from sqlalchemy import select
from sqlmodel import col

from app.database.snapshot import Snapshot
from app.models import Dataset

TEMPLATE = Template((Path(__file__).parent / "llms.txt").read_text(encoding="utf-8"))
MAX_ARTICLES = 100
"""Articles in the guide. If there are more, it links to their list."""


def llms_txt(snapshot: Snapshot, base: str) -> str:
    """Return the guide as Markdown, with the numbers of the published version.

    Args:
        snapshot: the data version.
        base: the address of the API.
    """
    dataset = json.loads(snapshot.connection.execute(select(col(Dataset.document))).scalar_one())
    themes = snapshot.vocabulary.themes
    top = [key for key in themes.ids if key not in themes.parents]
    names = snapshot.names("articles")
    listed = names.entries(range(1, MAX_ARTICLES + 1)).values()
    articles = [f"- `{slug}`: {title}" for slug, title in listed]
    if len(names) > MAX_ARTICLES:
        articles.append(f"- and {len(names) - MAX_ARTICLES} more: {base}/articles")
    return TEMPLATE.substitute(
        dataset,
        base=base,
        counts=", ".join(f"{number} {name}" for name, number in dataset["counts"].items()),
        theme=themes.ids[top[0]] if top else "a-theme",
        themes=", ".join(f"`{themes.ids[key]}` ({themes.labels[key]})" for key in top),
        articles="\n".join(articles),
    )
