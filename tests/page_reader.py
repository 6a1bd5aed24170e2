"""What a page of HTML holds, and what is wrong with it, as far as Python's own parser tells."""

from html.parser import HTMLParser

from dcgan_jax.reporting.run_files import read_run
from dcgan_jax.reporting.run_page import page

_VOID = {"meta", "link", "img", "input", "br"}  # those without an end that the pages have
_BLOCKS = {"p", "div", "ul", "dl", "table", "pre", "h1", "h2", "h3", "figure", "section", "details"}
_SILENT = {"script", "style", "title"}


class PageReader(HTMLParser):
  """A page that was read to its end.

  Attributes:
    tags: (name, attributes) of each start tag.
    problems: tags that do not match, ids that come twice, blocks within a paragraph.
    text: what a reader sees, in one line.
    scripts: the texts of script elements.
  """

  def __init__(self, text: str):
    super().__init__()
    self.tags: list[tuple[str, dict[str, str]]] = []
    self.problems: list[str] = []
    self.scripts: list[str] = []
    self._open: list[str] = []
    self._shown: list[str] = []
    self.feed(text)
    self.close()
    self.problems += [f"<{name}> stays open" for name in self._open]
    self.text = " ".join(" ".join(self._shown).split())
    ids = self.values("id")
    self.problems += sorted(f"id {one!r} comes twice" for one in ids if ids.count(one) > 1)

  def values(self, attribute: str) -> list[str]:
    """Those of an attribute, of any element."""
    return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]

  def all(self, name: str) -> list[dict[str, str]]:
    """The attributes of each element of this name."""
    return [attributes for tag, attributes in self.tags if tag == name]

  def handle_starttag(self, tag, attrs):
    self._note(tag, attrs)
    if tag not in _VOID:
      self._open.append(tag)

  def handle_startendtag(self, tag, attrs):
    self._note(tag, attrs)

  def handle_endtag(self, tag):
    if not self._open or self._open.pop() != tag:
      self.problems.append(f"line {self.getpos()[0]}: </{tag}> ends another element")

  def handle_data(self, data):
    if self._open and self._open[-1] == "script":
      self.scripts.append(data)
    if not _SILENT & set(self._open):
      self._shown.append(data)

  def _note(self, tag, attrs):
    if tag in _BLOCKS and "p" in self._open:
      self.problems.append(f"line {self.getpos()[0]}: <{tag}> in a paragraph")
    if len(dict(attrs)) < len(attrs):
      self.problems.append(f"line {self.getpos()[0]}: <{tag}> has an attribute twice")
    self.tags.append((tag, {name: value or "" for name, value in attrs}))


def read(workdir, **how):
  """The page of a workdir, which is sound whatever is in it."""
  found = PageReader(page(read_run(workdir), **how))
  assert found.problems == []
  return found
