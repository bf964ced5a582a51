"""The local store beside the store in memory: whatever is done to both, or to the files of the one."""

import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lawnix.core.canonical import canonical
from lawnix.core.derivation import Derivation, Group, Input, OutputSpec, Source
from lawnix.core.digest import digest
from lawnix.core.objects import ObjectPath
from lawnix.core.output import Kind
from lawnix.core.realization import Meaning, Realization, Verdict
from lawnix.store import tree
from lawnix.store.collect import collect
from lawnix.store.local import LocalStore
from lawnix.store.memory import MemoryStore
from lawnix.store.protocol import Facts
from lawnix.store.verify import verify

CODES = {digest("code", b"%d" % i): {"run": str(i)} for i in range(2)}


def derivation(number: int) -> Derivation:
    code = list(CODES)[number % 2]
    inputs = {"x": Input(Source.DERIVATION, derivation(number - 2).digest, "Up")} if number >= 2 else {}
    return Derivation(
        label="Odd" if number % 2 else "Even",
        parameters={"n": str(number)},
        code=code,
        inputs=inputs,
        outputs=(OutputSpec("", "a.txt"),),
        branch=(str(number // 4), digest("branch", canonical(number // 4))),
    )


DERIVATIONS = [derivation(i) for i in range(8)]
GROUPS = [Group("G", {str(i): Input(Source.DERIVATION, DERIVATIONS[i].digest)}) for i in range(3)]
KEYS = [d.key({"x": digest("content", b"")} if d.inputs else {}) for d in DERIVATIONS]
MEMORY = Path("/dev/shm")  # quicker than a disk, where there is such a place
TEXTS = ["a", "b", "c"]

indices = st.integers(0, len(DERIVATIONS) - 1)
stores = st.integers(0, 1)


class BothStores(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp(dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        self.root = self.directory / "store"
        self.stores = [self.opened(), self.opened()]
        self.memory = MemoryStore()
        self.collected: set[str] = set()
        self.known: dict[str, Realization] = {}

    def opened(self) -> LocalStore:
        return LocalStore.open(self.root, durability="none")

    def teardown(self) -> None:
        if hasattr(self, "stores"):
            self.verify(0)
            for store in (*self.stores, self.memory):
                store.close()
            tree.thaw(self.directory)
            shutil.rmtree(self.directory)

    def fresh(self, which: int) -> LocalStore:
        """One of the two, after it has taken in what the other did; it is what a session does first."""
        self.stores[which].refresh()
        return self.stores[which]

    @rule(which=stores, number=indices, text=st.sampled_from(TEXTS), sized=st.booleans())
    def build(self, which: int, number: int, text: str, sized: bool) -> None:
        added = []
        for store in (self.fresh(which), self.memory):
            build = store.new_build()
            (build / "out" / "a.txt").write_text(text)
            added += store.add(build, [("a.txt", Kind.FILE)], "Fit")
            store.discard(build)
        assert added[0].path == added[1].path
        assert added[0].size == added[1].size
        realization = Realization(KEYS[number], DERIVATIONS[number].digest, {"a.txt": added[0].path})
        facts = Facts(
            codes=CODES,
            derivations=[DERIVATIONS[number]],
            realizations=[realization],
            sizes={added[0].path: added[0].size} if sized else {},
        )
        for store in (self.stores[which], self.memory):
            store.record(facts)
        self.known[realization.digest] = realization
        self.collected.discard(realization.key)

    @rule(
        which=stores,
        numbers=st.lists(indices, max_size=4),
        groups=st.lists(st.sampled_from(GROUPS), max_size=2),
    )
    def record_plan(self, which: int, numbers: list[int], groups: list[Group]) -> None:
        facts = Facts(derivations=[DERIVATIONS[number] for number in numbers], groups=groups)
        for store in (self.fresh(which), self.memory):
            store.record(facts)

    @rule(which=stores, data=st.data())
    @precondition(lambda self: self.known)
    def forget(self, which: int, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.known)), max_size=3))
        for store in (self.fresh(which), self.memory):
            store.forget([self.known[name] for name in chosen], "test")

    @rule(which=stores, data=st.data(), method=st.sampled_from(["json/1", "json/2"]), is_same=st.booleans())
    @precondition(lambda self: self.known)
    def learn(self, which: int, data: st.DataObject, method: str, is_same: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        path = self.known[name].outputs["a.txt"]
        assert path is not None
        facts = Facts(
            meanings={path: [Meaning(method, digest("meaning", f"{path}{method}".encode()))]},
            verdicts={self.known[name].digest: Verdict("me", 1.0, is_same, True, method)},
        )
        for store in (self.fresh(which), self.memory):
            store.record(facts)

    @rule(which=stores)
    def reopen(self, which: int) -> None:
        self.stores[which].close()
        self.stores[which] = self.opened()

    @rule(damage=st.sampled_from(["remove", "empty", "scribble", "cut"]))
    def damage_index(self, damage: str) -> None:
        for store in self.stores:
            store.close()
        path = self.root / "index.sqlite"
        if damage == "remove":
            path.unlink(missing_ok=True)
        elif path.exists():
            whole = path.read_bytes()
            path.write_bytes(
                {"empty": b"", "scribble": b"x" * len(whole), "cut": whole[: len(whole) // 2]}[damage]
            )
        self.stores = [self.opened(), self.opened()]

    @rule(which=stores, cut=st.integers(1, 100))
    def die_in_a_line(self, which: int, cut: int) -> None:
        """A process that was killed while it wrote a line that nobody has seen."""
        lost = Realization(digest("key", b"lost"), DERIVATIONS[0].digest, {})
        self.stores[which].close()
        with self.opened() as dying:
            dying.record(Facts(realizations=[lost]))
            path = self.root / "journal" / dying.trace._journal.name
        path.write_bytes(path.read_bytes()[:-cut])
        self.stores[which] = self.opened()
        assert self.stores[which].by_digest([lost.digest]) == {}

    @rule(text=st.sampled_from(TEXTS), repair=st.booleans())
    def damage_object(self, text: str, repair: bool) -> None:
        damaged = set()
        for store in (self.stores[0], self.memory):
            for path in store.present(self.paths()):
                location = store.location(path)
                if location.read_text() == text:
                    location.chmod(0o644)
                    location.write_text("damaged")
                    damaged.add(path)
        # either way it is told, and counts as missing from then on
        if repair:
            assert verify(self.stores[0], repair=True).corrupt.keys() == damaged
        assert not self.stores[0].present(damaged)

    @rule(data=st.data())
    def collect(self, data: st.DataObject) -> None:
        living = sorted(self.fresh(0).answers.living())
        live = data.draw(st.lists(st.sampled_from(living), unique=True)) if living else []
        self.stores[1].close()
        went = collect(self.stores[0], live)
        self.stores[1] = self.opened()
        assert {realization.digest for realization in went.realizations} == set(living) - set(live)
        self.collected = set(KEYS)  # whether these were forgotten ever is not promised any more
        self.follow(live)

    def follow(self, live: list[str]) -> None:
        """The model after a collection: the living, and what they were derived from; nothing else is promised."""
        kept = [self.known[name] for name in self.order(live)]
        names = [d.digest for d in DERIVATIONS]
        before = self.memory.derivations(names).keys()
        found = self.stores[0].derivations(names).keys()
        needed = {name for r in kept for name in self.ancestors(r.derivation, before)}
        assert needed <= found <= before
        present = self.memory.present(self.paths())
        memory = MemoryStore()
        order = [d for label in ("Even", "Odd") for d in reversed(self.stores[0].family(label))]
        memory.record(
            Facts(codes=self.stores[0].components(list(CODES)), derivations=order, realizations=kept)
        )
        memory.record(Facts(groups=list(self.stores[0].groups([group.digest for group in GROUPS]).values())))
        told = Facts(
            meanings=self.memory.meanings(self.paths()), verdicts=self.memory.verdicts(list(self.known))
        )
        memory.record(told)
        for path in present & {path for r in kept for path in r.outputs.values() if path}:
            location = memory.location(path)
            location.parent.mkdir(exist_ok=True)
            shutil.copy2(self.memory.location(path), location)
        self.memory.close()
        self.memory = memory

    def order(self, names: list[str]) -> list[str]:
        """These names in the order in which the store has them under each key."""
        found = self.memory.realizations(KEYS)
        return [r.digest for realizations in found.values() for r in realizations if r.digest in names]

    def ancestors(self, name: str, recorded: Collection[str]) -> set[str]:
        """The recorded derivations that are reached from `name` through such."""
        if name not in recorded:
            return set()
        by_digest = {d.digest: d for d in DERIVATIONS}
        return {name}.union(*(self.ancestors(up.digest, recorded) for up in by_digest[name].inputs.values()))

    def paths(self) -> set[ObjectPath]:
        return {path for r in self.known.values() for path in r.outputs.values() if path is not None}

    @invariant()
    def they_say_the_same(self) -> None:
        if not hasattr(self, "stores"):
            return
        for store in self.stores:
            store.refresh()
            assert store.realizations(KEYS) == self.memory.realizations(KEYS)
            names = [d.digest for d in DERIVATIONS]
            assert store.by_derivation(names) == self.memory.by_derivation(names)
            assert store.by_digest(list(self.known)) == self.memory.by_digest(list(self.known))
            told = [name for name in self.known if name in self.memory.by_digest(list(self.known))]
            assert store.verdicts(told) == self.memory.verdicts(told)
            paths = [path for one in self.known.values() if (path := one.outputs["a.txt"]) is not None]
            meant, held = store.meanings(paths), self.memory.meanings(paths)
            assert {path: set(found) for path, found in meant.items()} == {p: set(f) for p, f in held.items()}
            assert store.derivations(names) == self.memory.derivations(names)
            lineages = [d.lineage for d in DERIVATIONS]
            for limit in (1, 20):
                assert store.relatives(lineages, limit=limit) == self.memory.relatives(lineages, limit=limit)
                for label in ("Even", "Odd", "None"):
                    assert store.family(label, limit=limit) == self.memory.family(label, limit=limit)
            groups = [group.digest for group in GROUPS]
            assert store.groups(groups) == self.memory.groups(groups)
            assert store.components(list(CODES)) == self.memory.components(list(CODES))
            asked = [key for key in KEYS if key not in self.collected]
            assert store.was_forgotten(asked) == self.memory.was_forgotten(asked)
            assert store.present(self.paths()) == self.memory.present(self.paths())

    @rule(which=stores)
    def verify(self, which: int) -> None:
        report = verify(self.stores[which])
        assert report.is_clean, report


TestBothStores = BothStores.TestCase
TestBothStores.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
