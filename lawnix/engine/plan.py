"""The plan: what is known of each node, what is reused, what has to be built.

A node is *settled* when its content is known: a derived node by a realization under its key, a group by its members, a
foreign one by its files. From the sources on, all nodes that can be settled are, in bulk: each round computes the keys
of the nodes whose inputs are settled and asks the store once. What has a key and no realization is *to build*; what
waits for something that is to build is undecided: it has no key yet, and if what is built comes out as it was, it is
reused (early cutoff).

Outputs are only looked for where they are needed: those of the roots, and the inputs of what is to be built. A final
result stays known although its intermediates were collected.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Final, Protocol

from lawnix.core.decision import Build, Cause, Decision, Reason, Reuse, Undecided
from lawnix.core.digest import Digest
from lawnix.core.kept import Kept, kept
from lawnix.core.realization import Realization, TaskName
from lawnix.engine.demand import Demand
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode
from lawnix.engine.numbered import NumberMap
from lawnix.engine.recall import Recall
from lawnix.engine.resolve import resolve
from lawnix.engine.senses import Senses, content_of_some
from lawnix.engine.session import Session
from lawnix.engine.settled import Realized, Settled, settled_group
from lawnix.errors import CycleError, MissingInputError

logger = logging.getLogger(__name__)


_REASONS: Final = {cause: Reason(cause) for cause in Cause}  # one for very many nodes


class Finder(Protocol):
    """Turns the name of a task into a node of the graph."""

    def find(self, task: TaskName) -> int:
        """The number of the node for `task`; it and what it requires join the graph if they are new."""
        ...


class Plan:
    """What is known of the nodes of `graph` and what has to be done, kept true while a run goes on."""

    def __init__(self, graph: Graph, session: Session, finder: Finder | None = None) -> None:
        self.graph = graph
        self.session = session
        self.settled: MutableMapping[int, Settled] = NumberMap()
        self.keys: MutableMapping[int, Digest] = NumberMap()
        """Keys of the derived nodes whose inputs are settled."""
        self.builds: MutableMapping[int, Reason] = NumberMap()
        """Nodes that have to run."""
        self.broken: dict[int, Exception] = {}
        """Nodes that cannot be decided, such as an external task without its file."""
        self._finder = finder
        self._waiting: list[int] = []
        self._frontier: set[int] = set()
        self._tolerant: list[int] = []  # groups that are content with fewer members
        self._before: dict[int, Settled] = {}  # what was known of nodes that are not settled any more
        self._trials: dict[int, tuple[Realization, tuple[int, ...]]] = {}  # with what they found at run time
        self._rejected: dict[int, list[tuple[Realization, Cause]]] = {}
        self._suspended: set[int] = set()  # those that run, and wait for what they found
        # nodes by key; mostly there is one, else the one that was built last stands first
        self._twins: dict[Digest, int | list[int]] = {}
        self._recall = Recall(session.store, self._built)
        self._senses = Senses(graph, self.settled, session.store)
        self._demand = Demand(graph, self.settled.__contains__, self.builds.__contains__)
        self._ahead = 0  # nodes that were asked for before their keys were known
        self._fresh: list[int] = []  # nodes that may have become ready to run
        self.extend()

    # ------------------------------------------------------------------------------------ growing

    def extend(self) -> None:
        """Take in the nodes that the graph has grown since.

        Raises:
            Exception: A task says of itself what cannot be.
        """
        for error in self._extend().values():
            raise error

    def _extend(self) -> Mapping[int, Exception]:
        """Take in new nodes; what is wrong with some of them, which are broken."""
        first = len(self._waiting)
        numbers = range(first, len(self.graph))
        if not numbers:
            return {}
        wrong = self.graph.derive(numbers)
        self.broken.update(wrong)
        for number in numbers:
            node = self.graph.nodes[number]
            if number in self.graph.standing:
                self._enter_standing(number, self.graph.standing[number])
            self._waiting.append(sum(other not in self.settled for other in set(node.reads)))
            if isinstance(node, GroupNode) and node.expand is not None:
                continue
            if isinstance(node, GroupNode) and node.threshold < len(node.inputs):
                self._tolerant.append(number)
            if not self._waiting[number] or isinstance(node, ForeignNode):
                self._frontier.add(number)
        return wrong

    def _enter_standing(self, number: int, realization: Realization) -> None:
        """A node of which it was known before what it is, and that its objects are there."""
        self._recall.add(realization)
        self.keys[number] = realization.key
        self._add_twin(realization.key, number)
        self.settled[number] = self._realized(number, realization, is_whole=True)

    def expanded(self, number: int, members: Mapping[str, int]) -> None:
        """The members of a group have become known."""
        node = self.graph.nodes[number]
        assert isinstance(node, GroupNode)
        node.inputs, node.expand = members, None
        if node.threshold < len(members):
            self._tolerant.append(number)
        for member in set(members.values()):
            self.graph.add_consumer(member, number)
        late = [n for n in range(number, len(self._waiting)) if not self.graph.is_named(n)]
        self._extend()
        self.broken.update(self.graph.derive(n for n in late if n not in self.broken))
        self._waiting[number] = sum(member not in self.settled for member in set(members.values()))
        if not self._waiting[number]:
            self._frontier.add(number)

    # ----------------------------------------------------------------------------------- settling

    def settle_partly(self, pending: Callable[[int], bool]) -> None:
        """Settle the groups that are content with fewer members and have them, if none is still `pending`."""
        for number in self._tolerant:
            node = self.graph.nodes[number]
            if isinstance(node, GroupNode) and number not in self.settled:
                members = set(node.reads)
                enough = sum(member in self.settled for member in members) >= node.threshold
                if enough and not any(pending(member) for member in members):
                    self._settle_group(number, node)
        self.settle()

    def settle(self) -> None:
        """Settle whatever can be, in bulk, round by round."""
        while self._frontier:
            batch, self._frontier = sorted(self._frontier), set()
            derived: list[int] = []
            for number in batch:
                if number in self.settled or number in self.broken:
                    continue
                match self.graph.nodes[number]:
                    case GroupNode() as group:
                        self._settle_group(number, group)
                    case ForeignNode() as foreign:
                        self._settle_foreign(number, foreign)
                    case DerivedNode():
                        derived.append(number)
            self._settle_derived(derived)

    def _settle_group(self, number: int, node: GroupNode) -> None:
        if node.expand is None:
            if node.only:
                content = content_of_some(self.graph, self.settled, node.whole, node.only)
                self._set(number, Settled(lambda: content))
                return
            members = [self.settled.get(other) for other in node.reads]
            self._set(number, settled_group(node.inputs.keys(), members))

    def _settle_foreign(self, number: int, node: ForeignNode) -> None:
        try:
            if number not in self._suspended and node.work.complete():
                self._set(number, self._foreign(number, node))
            elif node.work.external:
                self.broken[number] = MissingInputError(node.work.title(), node.work.missing())
            else:
                self._build(number, Cause.INCOMPLETE)
        except Exception as error:  # the author's complete(), or an unreadable file: this node alone fails
            logger.debug("%s cannot be decided", node.work.label, exc_info=True)
            self.broken[number] = error

    def _foreign(self, number: int, node: ForeignNode) -> Settled:
        """A node that is complete; its files are read now if anybody wants them, else as soon as somebody does."""
        settled = Settled(node.work.content)
        if any(isinstance(self.graph.nodes[c], DerivedNode) for c in self._readers(number)):
            settled.work_out()  # an error in it is this node's own
        return settled

    def _readers(self, number: int) -> Iterable[int]:
        """Who reads the node, through groups."""
        stack, seen = list(self.graph.consumers[number]), set()
        while stack:
            current = stack.pop()
            if current not in seen:
                seen.add(current)
                yield current
                if isinstance(self.graph.nodes[current], GroupNode):
                    stack.extend(self.graph.consumers[current])

    def _settle_derived(self, numbers: Sequence[int]) -> None:
        resolved = []
        for number in numbers:
            try:
                key = resolve(self.graph, number, self._content)
            except Exception as error:  # a file from outside that is read only now: this node alone fails
                self.broken[number] = error
                continue
            self.keys[number] = key
            self._add_twin(key, number)
            resolved.append(number)
        self._recall.ask([self.keys[number] for number in resolved], self._coming)
        self._rename([number for number in resolved if not self._recall.realizations(self.keys[number])])
        for number in resolved:
            self._select(number)

    def _rename(self, numbers: Sequence[int]) -> None:
        """Take a key that the same inputs had by the methods of another release, if something is known there."""
        others = self._senses.keys(numbers)
        if others:
            self._recall.ask([key for keys in others.values() for key in keys], self._coming)
        for number, keys in others.items():
            known = next((key for key in keys if self._recall.realizations(key)), None)
            if known is not None:
                self.keys[number] = known
                self._add_twin(known, number)

    def _add_twin(self, key: Digest, number: int) -> None:
        known = self._twins.setdefault(key, number)
        if isinstance(known, list):
            known.append(number)
        elif known != number:
            self._twins[key] = [known, number]

    def _built(self, key: Digest) -> Kept | None:
        """What this run has built under a key."""
        twins = self._twins.get(key)
        if twins is None:
            return None
        settled = self.settled.get(twins[0] if isinstance(twins, list) else twins)
        if isinstance(settled, Realized) and isinstance(settled.kept, Kept) and settled.kept.key == key:
            return settled.kept
        return None

    def _content(self, number: int) -> Digest:
        return self.settled[number].content

    def _coming(self) -> list[Digest]:
        """The derivations of what is not settled, as far as they were not returned before."""
        first, self._ahead = self._ahead, len(self.graph)
        return [
            node.derivation.digest
            for number, node in enumerate(self.graph.nodes[first:], first)
            if number not in self.settled and isinstance(node, DerivedNode) and node.derivation is not None
        ]

    def _select(self, number: int) -> None:
        """Choose a realization for a node whose key is known, or enter that it has to be built."""
        node = self.graph.nodes[number]
        assert isinstance(node, DerivedNode)
        assert node.derivation is not None
        candidates = self._holding(number, node, self._recall.realizations(self.keys[number]))
        rejected = self._rejected.get(number, ())
        if rejected:
            candidates = [one for one in candidates if all(one != other for other, _ in rejected)]
        chosen = self.session.matcher(candidates)
        if chosen is not None:
            self._try(number, chosen)
        elif node.work.assumed_complete:
            derivation = node.derivation
            self._set(number, Settled(lambda: derivation.digest))
        else:
            self._build(number, rejected[-1][1] if rejected else Cause.NEVER_BUILT)

    def _holding(
        self, number: int, node: DerivedNode, candidates: Sequence[Realization]
    ) -> Sequence[Realization]:
        """Those that read of tracked views what would be read now; the others are rejected."""
        wrong = [one for one in candidates if one.reads and node.work.changed(one.reads)]
        if not wrong:
            return candidates
        known = self._rejected.setdefault(number, [])
        known[:0] = [(one, Cause.READ_CHANGED) for one in wrong if all(one != other for other, _ in known)]
        return [one for one in candidates if one not in wrong]

    def _build(self, number: int, cause: Cause) -> None:
        self.builds[number] = _REASONS[cause]
        self._fresh.append(number)

    def _choose(self, number: int, realization: Realization) -> None:
        self._set(number, self._realized(number, realization))

    def _realized(self, number: int, one: Kept | Realization, *, is_whole: bool = False) -> Settled:
        node = self.graph.nodes[number]
        assert isinstance(node, DerivedNode)
        assert node.derivation is not None
        return Realized(node.derivation.outputs, one, is_whole=is_whole)

    def _set(self, number: int, settled: Settled) -> None:
        """Enter what is known of a node; consumers that relied on another content are looked at again."""
        newly = number not in self.settled
        before = self._before.pop(number, None) if newly else self.settled[number]
        self.settled[number] = settled
        self.builds.pop(number, None)
        for consumer in self.graph.consumers[number]:
            self._waiting[consumer] -= newly
            if before is not None and consumer in self.settled and before.content != settled.content:
                self.unsettle(consumer)
            if not self._waiting[consumer] and consumer not in self.settled:
                self.builds.pop(consumer, None)
                self._frontier.add(consumer)
        self._fresh.extend(follower for follower in self.graph.followers[number] if follower in self.builds)

    def unsettle(self, number: int) -> None:
        """What was known of a node is not to be relied on; groups that it is in wait for it again."""
        settled = self.settled.pop(number, None)
        if settled is None:
            return
        self._before[number] = settled
        for consumer in self.graph.consumers[number]:
            self._waiting[consumer] += 1
            if isinstance(self.graph.nodes[consumer], GroupNode):
                self.unsettle(consumer)

    # ------------------------------------------------------------------------- found at run time

    def _try(self, number: int, realization: Realization) -> None:
        """Take `realization` if what its build found at run time still has the content that it read.

        The tasks found join the graph; until they are settled the node waits for them.
        """
        if not realization.found:
            self._choose(number, realization)
            return
        if number not in self._trials or self._trials[number][0] is not realization:
            try:
                self._trials[number] = (
                    realization,
                    self._link(number, [found.task for found in realization.found]),
                )
            except Exception as error:  # the class or a parameter of it is gone: what was found does not hold
                logger.debug(
                    "what %s found at run time is gone: %s", self.graph.nodes[number].work.label, error
                )
                self._reject(number, realization, Cause.FOUND_CHANGED)
                return
        found = self._trials[number][1]
        if any(other not in self.settled for other in found):
            return  # looked at again when they are
        if all(self._senses.had(o, f.content) for f, o in zip(realization.found, found, strict=True)):
            self._choose(number, realization)
        else:
            self._reject(number, realization, Cause.FOUND_CHANGED)

    def _reject(self, number: int, realization: Realization, cause: Cause) -> None:
        self._rejected.setdefault(number, []).append((realization, cause))
        self._select(number)

    def find(self, number: int, tasks: Sequence[TaskName]) -> tuple[int, ...]:
        """A build of the node needs `tasks` before it can go on; their nodes."""
        found = self._link(number, tasks)
        self._suspended.add(number)
        self.settle()
        self.demand([number, *found])
        return found

    def _link(self, number: int, tasks: Sequence[TaskName]) -> tuple[int, ...]:
        """Let the node wait for `tasks`.

        Raises:
            CycleError: One of them waits for the node.
        """
        assert self._finder is not None, "a plan without a finder was given a realization that found tasks"
        found = tuple(self._finder.find(task) for task in tasks)
        self._extend()
        circle = self.graph.path(number, set(found))
        if circle:
            raise CycleError(self.graph.titles([number, *reversed(circle)]))
        for other in set(found):
            if number not in self.graph.consumers[other]:
                self.graph.add_consumer(other, number)
                self._waiting[number] += other not in self.settled
        return found

    # ------------------------------------------------------------------------------------- demand

    def demand(self, roots: Iterable[int] | None = None) -> None:
        """Make sure that what will be read is there: outputs of roots, inputs of what is to be built.

        A realization whose objects are gone or damaged has to be built again.
        """
        pending = list(self.graph.roots if roots is None else roots)
        while pending:
            batch = self._demand.unfold(pending)
            pending = []
            unsure: dict[int, Realized] = {}
            for number in batch:
                settled = self.settled.get(number)
                if settled is None:
                    pending.extend(self._needs(number))
                elif isinstance(settled, Realized) and not settled.is_whole:
                    unsure[number] = settled
            for number in self._recall.missing(unsure):
                self.unsettle(number)
                self._reject(number, unsure[number].realization, Cause.OBJECT_MISSING)
                pending.append(number)

    def _needs(self, number: int) -> Sequence[int]:
        """What must be there before an unsettled node can run."""
        needs = self._demand.ask(number)
        if needs is None:
            return ()
        if number in self.builds:
            self._fresh.append(number)
        return [*needs, *self._trials[number][1]] if number in self._trials else needs

    # -------------------------------------------------------------------------------------- views

    def take_ready(self) -> list[int]:
        """The nodes that have become ready to run since the last call, each of them needed by a root."""
        ready: dict[int, None] = {}
        while self._fresh:
            fresh, self._fresh = self._fresh, []
            needed = [number for number in fresh if number in self._demand and number in self.builds]
            self.demand(needed)  # their inputs may have been known so far, but not looked for
            ready.update(dict.fromkeys(needed))
        return [number for number in ready if self.is_ready(number)]

    def recheck(self) -> bool:
        """Whether something is to be built after all: outputs of a root that was found on the way may be gone."""
        self.demand()
        return bool(self._fresh)

    def is_ready(self, number: int) -> bool:
        """Whether the node is to run, and all that it waits for is there."""
        after = self.graph.nodes[number].after
        return (
            number in self.builds
            and not self._waiting[number]
            and all(other in self.settled for other in after)
        )

    def demanded(self, number: int) -> bool:
        """Whether the roots need the node to be settled."""
        return number in self._demand

    def is_expandable(self, number: int) -> bool:
        """Whether the node is a workflow that is needed and whose branches can be known now."""
        node = self.graph.nodes[number]
        return (
            isinstance(node, GroupNode)
            and node.expand is not None
            and number in self._demand
            and all(other in self.settled for other in node.after)
        )

    def decision(self, number: int) -> Decision:
        """What happens to a node."""
        settled = self.settled.get(number)
        if settled is not None and settled.realization is not None:
            return Reuse(settled.realization)
        if number in self.builds:
            return Build(self.builds[number])
        return Undecided(Reason(Cause.UPSTREAM))

    def rejected(self, number: int) -> Sequence[tuple[Realization, Cause]]:
        """The realizations under the node's key that cannot be used, and why not."""
        return self._rejected.get(number, ())

    def found(self, number: int) -> tuple[Realization, Sequence[int]] | None:
        """The realization that was looked at last because of what it found at run time, and the nodes found."""
        return self._trials.get(number)

    def accept(self, number: int, realization: Realization | None) -> None:
        """The node was run; what came out is what every path of this run sees."""
        node = self.graph.nodes[number]
        self._suspended.discard(number)
        if realization is None:
            assert isinstance(node, ForeignNode)
            self._set(number, self._foreign(number, node))
            return
        one = kept(realization)
        if not isinstance(one, Kept):
            self._recall.add(one)
        self._set(number, self._realized(number, one, is_whole=True))
        self.graph.let_go(number, one)
        twins = self._twins[realization.key]
        if not isinstance(twins, list):
            return
        twins.insert(0, number)
        for twin in twins:
            if twin in self.builds:  # it has the same key, so this is its realization too
                self.builds.pop(twin)
                self._rejected.pop(twin, None)
                self._frontier.add(twin)

    def reconsider(self, numbers: Sequence[int]) -> None:
        """Others may have built these meanwhile: ask the store again, and take what is there."""
        self._recall.ask_again({self.keys[number] for number in numbers if number in self.keys})
        for number in numbers:
            self._rejected.pop(number, None)
            self.builds.pop(number, None)
        self._frontier.update(numbers)
        self.settle()
        self.demand(numbers)


def make_plan(graph: Graph, session: Session, finder: Finder | None = None) -> Plan:
    """Decide all that can be decided before anything runs."""
    plan = Plan(graph, session, finder)
    plan.settle()
    plan.settle_partly(lambda number: False)
    plan.demand()
    return plan
