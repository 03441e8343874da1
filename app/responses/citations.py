"""Citations of an article, or of a single claim or recommendation in it: BibTeX, RIS and CSL-JSON.

A claim or recommendation is cited as its article with the paragraph and the quoted words. What is not known is left out.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REPORTS = {"report", "policy-brief", "peace-brief"}
LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    **{char: f"\\{char}" for char in "&%$#_"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Citation:
    """What a reference manager is told.

    Args:
        id: of the article, the claim or the recommendation.
        title: of the article.
        report: whether it is a report rather than a page.
        genre: the kind of article.
        authors: names; empty where the text names none.
        publisher: who published it.
        published: ISO 8601, as far as it is known.
        language: BCP 47.
        address: the publisher's page, at the sentence where one is quoted.
        paragraph: of the quoted words, in the article's text here.
        quote: the words.
        statement: what they were taken to say.
        dataset: the version of the data set that the annotation is from.
    """

    id: str
    title: str
    report: bool
    genre: str
    authors: Sequence[tuple[str, bool]]
    publisher: str
    published: str | None
    language: str
    address: str | None
    paragraph: int | None
    quote: str | None
    statement: str | None
    dataset: str

    @classmethod
    def of(cls, item: Mapping[str, Any], article: Mapping[str, Any], dataset: str) -> "Citation":
        """Return the citation of an article (`item` and `article` alike) or of a claim or recommendation in it."""
        quote = item.get("quote")
        return cls(
            id=item["id"],
            title=article["title"],
            report=article["kind"] in REPORTS,
            genre=article["kind"].replace("-", " "),
            authors=[
                (author["name"], author["kind"] == "person") for author in article["authors"] or ()
            ],
            publisher=article["publisher"],
            published=article["published"],
            language=article["language"],
            address=quote["link"] if quote else article["url"],
            paragraph=quote["paragraph"] if quote else None,
            quote=quote["exact"] if quote else None,
            statement=item.get("statement"),
            dataset=dataset,
        )

    @property
    def remark(self) -> str:
        """Where in the article, and from which data."""
        if self.quote is None:
            return f"Policy briefs data set {self.dataset}, {self.id}"
        return f"Paragraph {self.paragraph}: “{self.quote}” (policy briefs data set {self.dataset}, {self.id})"

    def bibtex(self) -> str:
        """Return a BibTeX entry; its key is the id."""
        date = (self.published or "").split("-")
        fields = {
            "title": "{" + _latex(self.title) + "}",  # braces within braces keep capitals
            "author": " and ".join(
                _latex(name) if person else "{" + _latex(name) + "}"
                for name, person in self.authors
            ),
            "institution" if self.report else "publisher": _latex(self.publisher),
            "year": date[0],
            "month": str(int(date[1])) if len(date) > 1 else "",
            "date": self.published or "",
            "type": _latex(self.genre),
            "language": self.language,
            "url": _address(self.address),
            "note": _latex(self.remark),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return (
            f"@{'techreport' if self.report else 'misc'}{{{self.id},\n"
            + ",\n".join(lines)
            + "\n}\n"
        )

    def ris(self) -> str:
        """Return a RIS record."""
        pairs = [("TY", "RPRT" if self.report else "ELEC"), ("ID", self.id), ("TI", self.title)]
        pairs += [("AU", _inverted(name) if person else name) for name, person in self.authors]
        pairs += [("PB", self.publisher), ("LA", self.language), ("M3", self.genre)]
        if self.published:
            year, *rest = self.published.split("-")
            pairs += [("PY", year), ("DA", "/".join([year, *rest, "", ""][:3]) + "/")]
        if self.address:
            pairs.append(("UR", self.address))
        if self.paragraph is not None:
            pairs += [("SP", f"para. {self.paragraph}"), ("AB", self.statement or "")]
        pairs.append(("N1", self.remark))
        return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in pairs) + "ER  - \r\n"

    def csl(self) -> str:
        """Return a CSL-JSON list of this one item."""
        entry: dict[str, Any] = {
            "id": self.id,
            "type": "report" if self.report else "webpage",
            "title": self.title,
            "author": [_csl_name(name, person=person) for name, person in self.authors],
            "publisher": self.publisher,
            "container-title": None if self.report else self.publisher,
            "genre": self.genre,
            "issued": {"date-parts": [[int(part) for part in self.published.split("-")]]}
            if self.published
            else None,
            "language": self.language,
            "URL": self.address,
            "abstract": self.statement,
            "annote": self.quote,
            "note": self.remark,
            "custom": {"locator": str(self.paragraph), "label": "paragraph"}
            if self.paragraph
            else None,
        }
        return json.dumps(
            [{name: value for name, value in entry.items() if value}], ensure_ascii=False, indent=1
        )

    def render(self, form: str) -> str:
        """Return the citation as `bibtex`, `ris` or `csl`."""
        return {"bibtex": self.bibtex, "ris": self.ris, "csl": self.csl}[form]()


def _latex(text: str) -> str:
    return "".join(LATEX.get(char, char) for char in _line(text))


def _address(address: str | None) -> str:
    """Return an address for a `url` field, which is read verbatim: only braces would end it."""
    return (address or "").replace("{", "%7B").replace("}", "%7D")


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _split(name: str) -> tuple[str, str]:
    """Return given and family name: the family name is the last word, with the small words before it (`van Lierde`)."""
    words = name.split()
    first = next((at for at, word in enumerate(words) if at and word[0].islower()), len(words) - 1)
    return " ".join(words[:first]), " ".join(words[first:])


def _inverted(name: str) -> str:
    given, family = _split(name)
    return f"{family}, {given}" if given else family


def _csl_name(name: str, *, person: bool) -> dict[str, str]:
    given, family = _split(name)
    return {"family": family, "given": given} if person and given else {"literal": name}
