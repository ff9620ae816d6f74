"""Jinja, for pages that are made of hundreds of small pieces: what it does for each of them again is done once.

Nothing here changes what templates mean, but that functions they call are not handed the context.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, cast

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, escape


class Calls(Context):
    """A context that calls functions without looking first whether they want to know it."""

    def call(self, function: Callable[..., Any], /, *args: Any, **values: Any) -> Any:
        """Call a function."""
        values.pop("_block_vars", None)
        values.pop("_loop_vars", None)
        return function(*args, **values)


class Writer(CodeGenerator):
    """Writes templates in which icons stand already, and pieces, which are HTML, are put as they are."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """Write a template, and what "escape" is in it."""
        super().visit_Template(node, frame)
        self.writeline(f"from {__name__} import written as escape")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        match node:
            case nodes.Call(
                node=nodes.Name(name="partial"),
                args=[nodes.Const(value="icon")],
                kwargs=[nodes.Keyword(key="name", value=nodes.Const(value=name))],
            ):
                return cast(Templates, self.environment).partial("icon", name=name)
        return super()._output_child_to_const(node, frame, finalize)


def written(value: object) -> str:
    """Return something as HTML."""
    return value if type(value) is Markup else str(value) if type(value) is int else escape(value)


class Templates(Environment):
    """Flask's templates; all of them share what all of them know, which Jinja copies for each."""

    context_class = Calls
    code_generator_class = Writer

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.partials: dict[str, Template] = {}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template knows without being told."""
        return {**self.globals, **d} if d else self.globals

    def partial(self, name: str, /, **things: object) -> Markup:
        """Render ``partials/<name>.html`` from exactly the things given."""
        template = self.partials.get(name) or self.get_template(f"partials/{name}.html")
        if not self.auto_reload:
            self.partials[name] = template
        context = self.context_class(self, {**self.globals, **things}, template.name, template.blocks)
        try:
            html = "".join(template.root_render_func(context))
        except Exception:
            self.handle_exception()  # raises it again, with the template's own lines
        return Markup(html)  # noqa: S704 -- the template escapes what it is given
