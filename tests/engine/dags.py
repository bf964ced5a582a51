"""Directed acyclic graphs, one of each kind: two graphs are of one kind if only their nodes' names differ."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations, product

Reads = tuple[tuple[int, ...], ...]
"""A graph: for each node the nodes that it reads, all of which come before it."""


def kinds_of_graphs(nodes: int) -> list[Reads]:
    """One graph of each kind with so many nodes, connected or not, always in the same order."""
    kinds: dict[object, Reads] = {(): ()}
    for count in range(nodes):
        larger: dict[object, Reads] = {}
        for graph in kinds.values():  # what reads nothing but smaller graphs, and is read by nobody
            for bits in range(2**count):
                last = tuple(other for other in range(count) if bits >> other & 1)
                larger.setdefault(canonical_form((*graph, last)), (*graph, last))
        kinds = larger
    return list(kinds.values())


def sample(nodes: int, count: int, seed: int) -> list[Reads]:
    """So many graphs with so many nodes, drawn by chance; few kinds are drawn twice."""
    chance = random.Random(seed)
    densities = [chance.random() for _ in range(count)]
    return [
        tuple(tuple(other for other in range(node) if chance.random() < density) for node in range(nodes))
        for density in densities
    ]


def canonical_form(graph: Reads) -> object:
    """What is the same for two graphs if, and only if, they are of one kind."""
    return min(_edges(graph, order) for order in _orders(_colours(graph)))


def _edges(graph: Reads, order: Sequence[int]) -> tuple[tuple[int, int], ...]:
    place = {node: index for index, node in enumerate(order)}
    return tuple(sorted((place[n], place[other]) for n, reads in enumerate(graph) for other in reads))


def _orders(colours: Sequence[object]) -> Iterator[list[int]]:
    """All orders of the nodes by their colours."""
    alike = defaultdict(list)
    for node, colour in enumerate(colours):
        alike[colour].append(node)
    for orders in product(*(permutations(alike[colour]) for colour in sorted(alike))):
        yield [node for order in orders for node in order]


def _colours(graph: Reads) -> list[int]:
    """Numbers that tell nodes apart by what is around them, whatever their names are."""
    nodes = range(len(graph))
    readers = [[n for n in nodes if node in graph[n]] for node in nodes]
    colours = [0 for _ in nodes]
    for _ in nodes:
        seen = [
            tuple(tuple(sorted(colours[o] for o in near)) for near in ([n], graph[n], readers[n]))
            for n in nodes
        ]
        colours = [sorted(set(seen)).index(each) for each in seen]
    return colours
