"""Citations of an article, or of one claim or recommendation in it: BibTeX, RIS and CSL-JSON.

The citation of a claim or recommendation is that of its article, with the paragraph and the quote.
Unknown facts are left out.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REPORTS = {"report", "policy-brief", "peace-brief"}
"""The kinds of article that are cited as a report. The others are cited as a web page."""
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
    """A citation.

    Args:
        item: the document of the article, claim or recommendation.
        article: the document of its article.
        dataset: the data version.
    """

    item: Mapping[str, Any]
    article: Mapping[str, Any]
    dataset: str

    @property
    def is_report(self) -> bool:
        return self.article["kind"] in REPORTS

    @property
    def genre(self) -> str:
        return str(self.article["kind"]).replace("-", " ")

    @property
    def authors(self) -> Any:
        return self.article["authors"] or ()

    @property
    def quote(self) -> Mapping[str, Any] | None:
        return self.item.get("quote")

    @property
    def url(self) -> Any:
        """The publisher's page; for a claim or recommendation, its link to the sentence."""
        return self.quote["link"] if self.quote else self.article["url"]

    @property
    def note(self) -> str:
        """The data version; for a claim or recommendation also the paragraph and the quote."""
        if self.quote is None:
            return f"Policy briefs data set {self.dataset}, {self.item['id']}"
        passage = f"Paragraph {self.quote['paragraph']}: “{self.quote['exact']}”"
        return f"{passage} (policy briefs data set {self.dataset}, {self.item['id']})"

    def bibtex(self) -> str:
        """Return a BibTeX entry with the item's id as its key."""
        date = (self.article["published"] or "").split("-")
        fields = {
            "title": "{" + _latex(self.article["title"]) + "}",  # inner braces keep capitals
            "author": " and ".join(
                _latex(each["name"])
                if each["kind"] == "person"
                else "{" + _latex(each["name"]) + "}"
                for each in self.authors
            ),
            "institution" if self.is_report else "publisher": _latex(self.article["publisher"]),
            "year": date[0],
            "month": str(int(date[1])) if len(date) > 1 else "",
            "date": self.article["published"] or "",
            "type": _latex(self.genre),
            "language": self.article["language"],
            # A `url` field is verbatim: only braces could end it.
            "url": (self.url or "").replace("{", "%7B").replace("}", "%7D"),
            "note": _latex(self.note),
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        return f"@{'techreport' if self.is_report else 'misc'}{{{self.item['id']},\n{lines}\n}}\n"

    def ris(self) -> str:
        """Return a RIS record."""
        pairs = [
            ("TY", "RPRT" if self.is_report else "ELEC"),
            ("ID", self.item["id"]),
            ("TI", self.article["title"]),
            *(("AU", ", ".join(filter(None, _split_name(author)))) for author in self.authors),
            ("PB", self.article["publisher"]),
            ("LA", self.article["language"]),
            ("M3", self.genre),
        ]
        if self.article["published"]:
            year, *rest = self.article["published"].split("-")
            pairs += [("PY", year), ("DA", "/".join([year, *rest, "", ""][:3]) + "/")]
        if self.url:
            pairs.append(("UR", self.url))
        if self.quote:
            paragraph = f"para. {self.quote['paragraph']}"
            pairs += [("SP", paragraph), ("AB", self.item["statement"])]
        pairs.append(("N1", self.note))
        return "".join(f"{tag}  - {_one_line(value)}\r\n" for tag, value in pairs) + "ER  - \r\n"

    def csl(self) -> str:
        """Return a CSL-JSON list with one entry."""
        date = [int(part) for part in (self.article["published"] or "").split("-") if part]
        entry: dict[str, Any] = {
            "id": self.item["id"],
            "type": "report" if self.is_report else "webpage",
            "title": self.article["title"],
            "author": [_csl_name(author) for author in self.authors],
            "publisher": self.article["publisher"],
            "container-title": None if self.is_report else self.article["publisher"],
            "genre": self.genre,
            "issued": {"date-parts": [date]} if date else None,
            "language": self.article["language"],
            "URL": self.url,
            "abstract": self.item.get("statement"),
            "annote": self.quote["exact"] if self.quote else None,
            "note": self.note,
            "custom": {"locator": str(self.quote["paragraph"]), "label": "paragraph"}
            if self.quote
            else None,
        }
        present = {name: value for name, value in entry.items() if value}
        return json.dumps([present], ensure_ascii=False, indent=1)


def _latex(text: str) -> str:
    return "".join(LATEX.get(char, char) for char in _one_line(text))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _split_name(author: Mapping[str, Any]) -> tuple[str, str]:
    """Return family and given name. The name of an organisation is all family name.

    The family name is the last word, with the lower-case words before it (`van Lierde`).
    """
    if author["kind"] != "person":
        return author["name"], ""
    words = author["name"].split()
    lower_case = (at for at, word in enumerate(words) if at and word[0].islower())
    first = next(lower_case, len(words) - 1)
    return " ".join(words[first:]), " ".join(words[:first])


def _csl_name(author: Mapping[str, Any]) -> dict[str, str]:
    family, given = _split_name(author)
    return {"family": family, "given": given} if given else {"literal": author["name"]}
