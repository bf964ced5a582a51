"""What a build has declared: the inputs and the code that it may read."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from lawnix.core.derivation import selected
from lawnix.core.realization import Outputs
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode
from lawnix.engine.messages import BuildRequest


@dataclass
class Declared:
    """What a build may read; found out when somebody asks, since most builds read nothing else.

    Attributes:
        request: The build.
        graph: Where it stands.
        outputs: The chosen outputs of derived nodes, by number.
    """

    request: BuildRequest
    graph: Graph
    outputs: Mapping[int, Outputs]

    @property
    def node(self) -> DerivedNode:
        """What is built."""
        node = self.graph.nodes[self.request.number]
        assert isinstance(node, DerivedNode)
        return node

    @cached_property
    def objects(self) -> Collection[str]:
        """The objects of the store among its inputs."""
        found: set[str] = set()
        seen: set[tuple[int, tuple[str, ...]]] = set()
        stack: list[tuple[int, tuple[str, ...]]] = [(source, ()) for source in self._sources()]
        while stack:
            number, only = place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            node = self.graph.nodes[number]
            if isinstance(node, GroupNode):
                stack += [(member, node.only) for member in node.reads]
                continue
            outputs = self.outputs.get(number, {})
            if only and isinstance(node, DerivedNode) and node.derivation is not None:
                names = [spec.name for spec in selected(node.derivation.outputs, only)]
                outputs = {name: outputs[name] for name in names if name in outputs}
            found.update(str(path) for path in outputs.values() if path is not None)
        return found

    @cached_property
    def files(self) -> Collection[str]:
        """Files and directories from outside: inputs, and what belongs to the code."""
        members = {member for source in self._sources() for member in self.graph.members(source)}
        nodes = [self.graph.nodes[member] for member in members]
        inputs = {path for node in nodes if isinstance(node, ForeignNode) for path in node.work.locations()}
        known = inputs | {os.path.abspath(file) for file in self.node.work.files}
        return known | {os.path.realpath(path) for path in known}

    def has_file(self, path: str) -> bool:
        """Whether `path` is declared, or lies in a directory that is."""
        while path not in self.files:
            above = os.path.dirname(path)
            if above == path:
                return False
            path = above
        return True

    def _sources(self) -> list[int]:
        return [*self.node.reads, *(number for _, number in self.request.found)]
