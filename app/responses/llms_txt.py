"""`/llms.txt`: what a language model must know to ask this API right the first time (llmstxt.org)."""

import json

from sqlalchemy import select
from sqlmodel import col

from app.database.snapshot import Snapshot
from app.models import Dataset

MAX_ARTICLES = 100
"""Articles that are named; a link leads to the others."""


def llms_txt(snapshot: Snapshot, base: str) -> str:
    """Return the guide as Markdown, with the numbers of the published version.

    Args:
        snapshot: the data version.
        base: the address that links begin with.
    """
    about = json.loads(snapshot.connection.execute(select(col(Dataset.document))).scalar_one())
    vocabulary = snapshot.vocabulary
    counts = ", ".join(f"{number} {name}" for name, number in about["counts"].items())
    top = [key for key in vocabulary.themes.ids if key not in vocabulary.themes.parents]
    themes = ", ".join(
        f"`{vocabulary.themes.ids[key]}` ({vocabulary.themes.labels[key]})" for key in top
    )
    names = snapshot.names("articles")
    articles = "\n".join(
        f"- `{slug}`: {title}" for slug, title in names.entries(range(1, MAX_ARTICLES + 1)).values()
    )
    if len(names) > MAX_ARTICLES:
        articles += f"\n- and {len(names) - MAX_ARTICLES} more: {base}/articles"
    theme = vocabulary.themes.ids[top[0]] if top else "a-theme"
    return f"""# {about["title"]}

> {about["description"]} Version {about["version"]}: {counts}. Read-only JSON over HTTP, no key.

Every claim and recommendation has a `statement` (a paraphrase), a `quote` (the exact words, checked against the text) and its
article. When you report one, give its `id`, quote `quote.exact`, name `article.title` and `article.published`, and link
`quote.link` where it is not null. Say who speaks: `sources`. What nobody in the data says is a count of 0, not a guess: ask for
counts.

## Calls

- [Recommendations]({base}/recommendations?theme={theme}): what should be done. Filters: theme, place, article, publisher, year,
  source (who says it), addressee (who is to act), beneficiary, actor (any role), strength (must, should, could), action (specific,
  general, considering, continuing), explicit (true, false), published_from, published_to, id, q
- [Claims]({base}/claims?theme={theme}): what is asserted. Filters: theme, place, article, publisher, year, source, about, actor,
  kind (factual, causal, evaluative, predictive), relation (supports, supported-by, contradicts, qualifies, qualified-by),
  published_from, published_to, id, q
- One of these with its citation: `/recommendations/{{id}}?format=bibtex` (or ris, csl), likewise of claims and articles
- [Articles]({base}/articles); the text of one by paragraphs: `/articles/{{id}}/text`
- [Actors]({base}/actors?sort=name), [themes]({base}/themes), [places]({base}/places): the vocabularies
- [Search]({base}/search?q=dialogue): one ranked list over all kinds
- [Counts]({base}/recommendations/stats?by=theme,strength): zeros included; as well `/claims/stats`,
  `/articles/stats`, `/actors/stats`, under the same filters as the lists
- [Data set]({base}/dataset): version, rights, citation. [Codebook]({base}/dataset/codebook): what the codes mean
- [OpenAPI]({base}/openapi.json): every call, parameter and answer with an example

## How to ask

- Commas mean any of: `theme=inclusion,mediation`. Repeat a parameter for all of: `theme=inclusion&theme=mediation`. `!` means not:
  `theme=!inclusion`.
- A value is an id, or a label, name or alias in English or French, any case, no accents needed: `addressee=CEDEAO`. Never a part
  of a word. Put it in double quotes if it holds a comma.
- A theme or place covers everything narrower (`narrower=false`: itself alone); `meta.applied` says what was covered. An actor
  does not cover what is part of it: France is not the French forces. `year`, `published_from` and `published_to` are about
  publication.
- `q`: words must all occur; `"a phrase"`; `OR`; `-word`; `begin*`. With `q` the best come first, and `highlight` shows where.
  A hit whose `matched_in` names only `themes`, `actors` or `places` is coded with a synonym and need not hold the words itself.
- `facets=theme,addressee` adds counts with links; `fields=id,statement,quote` keeps answers short; `limit` is 1 to 100;
  `sort=-published`.
- Follow `links.next` until it is null; `meta.total` is the real total. `format=csv` or `format=ndjson` gives everything at once.
- An unknown parameter or value is a 422 whose `errors[].did_you_mean` names the nearest valid ones: correct and ask again. An empty
  list is a real answer.

## Themes at the top

{themes}

## Articles

{articles}

Cite as: {about["citation"]}
"""
