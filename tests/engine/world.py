"""Tasks as the engine sees them, and a world to plan and build them in, without law and without processes."""

from lawnix.core.canonical import canonical
from lawnix.core.derivation import Derivation, OutputSpec
from lawnix.core.digest import digest
from lawnix.core.output import Kind
from lawnix.core.realization import Realization
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode
from lawnix.engine.plan import make_plan
from lawnix.engine.session import Session
from lawnix.store.protocol import Facts


class Work:
    """A task, as far as the engine looks at it, whose build writes `text`."""

    priority, resources, attempts, timeout = 0, {}, 1, 0.0
    assumed_complete = False
    derives_again = False

    def __init__(self, label, text="x", branch=None, parts=None, reads_parameters=False, **parameters):
        self.label, self.text, self.branch, self.parameters = label, text, branch, parameters
        self.components = parts or {f"{label}.run": "1"}
        self.reads_parameters = reads_parameters
        self.places = {}
        self.sandbox_parts = {}

    def title(self):
        return self.label

    def wordings(self):
        return {}

    def digest_functions(self):
        return {}

    def derive(self, inputs):
        return Derivation(
            label=self.label,
            parameters={name: str(value) for name, value in self.parameters.items()},
            code=digest("code", canonical(self.components)),
            inputs=inputs,
            outputs=(OutputSpec("", "out.txt"),),
            branch=None if self.branch is None else (self.branch, digest("branch", self.branch.encode())),
            reads_parameters=self.reads_parameters,
        )


class Outside:
    """An external task with a file of the content `text`; None if there is no file."""

    priority, resources, attempts, timeout, external = 0, {}, 1, 0.0, True

    def __init__(self, label, text="outside"):
        self.label, self.text = label, text
        self.identity = digest("foreign", label.encode())

    def title(self):
        return self.label

    def complete(self):
        return self.text is not None

    def content(self):
        return digest("content", self.text.encode())

    def missing(self):
        return f"/data/{self.label}"


class World:
    """A store, and graphs that are planned and built in it."""

    def __init__(self, store):
        self.session = Session(store)

    def plan(self, *works, finder=None, **wiring):
        """A plan of `works`; `wiring` says what each label reads, by role. The last one is the root."""
        graph = Graph()
        numbers = {}
        for work in works:
            inputs = {role: numbers[label] for role, label in wiring.get(work.label, {}).items()}
            if isinstance(work, Outside):
                node = ForeignNode(work, inputs)
            elif work.label.startswith("Group"):
                node = GroupNode(work, inputs)
            else:
                node = DerivedNode(work, inputs)
            numbers[work.label + (work.branch or "" if isinstance(work, Work) else "")] = graph.add(node)
        graph.roots = [len(graph) - 1]
        return make_plan(graph, self.session, finder)

    def build(self, plan, found=()):
        """Build all that is to be built; how many that were."""
        count = 0
        while (ready := plan.take_ready()) or (plan.recheck() and (ready := plan.take_ready())):
            for number in ready:
                self.build_one(plan, number, found)
                count += 1
            plan.settle()
        return count

    def build_one(self, plan, number, found=()):
        node = plan.graph.nodes[number]
        directory = self.session.store.new_build()
        (directory / "out" / "out.txt").write_text(node.work.text)
        (added,) = self.session.store.add(directory, [("out.txt", Kind.FILE)], "Fit")
        realization = Realization(
            plan.keys[number], node.derivation.digest, {"out.txt": added.path}, tuple(found)
        )
        groups = [n.group for n in plan.graph.nodes if isinstance(n, GroupNode) and n.group]
        codes = {node.derivation.code: node.work.components}
        self.session.store.record(Facts(codes, [node.derivation], groups, [realization]))
        plan.accept(number, realization)
