"""Reference pages that cannot fall behind: the help of commands, the tree of errors and the options are asked for."""

import inspect
import re
from typing import ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class CommandHelp(SphinxDirective):
    """`{command-help} plan`: what `lawnix plan --help` prints; a verb of a verb stands behind it."""

    required_arguments = 0
    optional_arguments = 2

    def run(self) -> list[nodes.Node]:
        """The help as a literal block."""
        import click

        from lawnix.cli.main import main

        command: click.Command = main
        context = click.Context(main, info_name="lawnix")
        for word in self.arguments:
            found = command.get_command(context, word) if isinstance(command, click.Group) else None
            if found is None:
                raise self.error(f"lawnix has no command {word!r}")
            command, context = found, click.Context(found, info_name=word, parent=context)
        context.max_content_width = context.terminal_width = 100
        text = command.get_help(context)
        return [nodes.literal_block(text, text, language="text")]


class ErrorTree(SphinxDirective):
    """`{error-tree}`: every error with what it says of itself."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """A nested list."""
        from lawnix.errors import LawnixError

        return [_tree(LawnixError)]


class Options(SphinxDirective):
    """`{options}`: every option of `[lawnix]` with its default."""

    required_arguments = 0
    option_spec: ClassVar[dict[str, object]] = {}

    def run(self) -> list[nodes.Node]:
        """A definition list."""
        from lawnix.settings import Settings

        described = dict(re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", Settings.__doc__ or "", re.MULTILINE))
        lines: list[str] = []
        for name, default in vars(Settings()).items():
            written = {None: "", (): ""}.get(default, str(default))
            text = re.sub(r"\s+", " ", described[name])
            lines += [f"`{name}`", f": {text} Default: {f'`{written}`' if written else 'none'}.", ""]
        holder = nodes.container()
        self.state.nested_parse(StringList(lines, source="lawnix.settings"), 0, holder)
        return holder.children


def _tree(error: type[Exception]) -> nodes.bullet_list:
    items = nodes.bullet_list()
    first_line = (inspect.getdoc(error) or "").splitlines()[0]
    item = nodes.list_item(
        "", nodes.paragraph("", "", nodes.literal(text=error.__name__), nodes.Text(f": {first_line}"))
    )
    for below in error.__subclasses__():
        item += _tree(below)
    items += item
    return items


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known."""
    app.add_directive("command-help", CommandHelp)
    app.add_directive("error-tree", ErrorTree)
    app.add_directive("options", Options)
    return {"parallel_read_safe": True}
