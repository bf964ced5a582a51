from lawnix.core.objects import ObjectPath
from lawnix.store.search import families, makers, named, object_at, recent


def test_what_was_recorded_last_is_found_first(make, local):
    for number in range(3):
        local.record(make.facts(local, number, text=str(number)))
    hits = recent(local)
    assert [hit.derivation.parameters["n"] for hit in hits] == ["2", "1", "0"]
    assert recent(local, limit=2) == hits[:2]


def test_families_are_found_by_name_and_by_pattern(make, local):
    local.record(make.facts(local, 0, label="dimuon.Fit"))
    local.record(make.facts(local, 1, text="2", label="dimuon.Plot"))
    assert families(local) == ["dimuon.Fit", "dimuon.Plot"]
    assert [hit.derivation.label for hit in recent(local, "dimuon.Fit")] == ["dimuon.Fit"]
    assert len(recent(local, "dimuon.*")) == 2
    assert recent(local, "dimuon") == []


def test_the_beginning_of_a_digest_is_enough(make, local):
    facts = make.facts(local)
    local.record(facts)
    (realization,) = facts.realizations
    for digest in (realization.digest, realization.derivation):
        assert [hit.realization for hit in named(local, digest[:6])] == [realization]
        assert [hit.realization for hit in named(local, digest)] == [realization]
    assert named(local, "a" * 32) == []


def test_an_object_leads_to_the_builds_that_left_it(make, local):
    for number in range(2):
        local.record(make.facts(local, number, text="same"))
    local.record(make.facts(local, 2, text="other"))
    (realization, *_) = make.facts(local, 0, text="same").realizations
    hits = makers(local, realization.outputs["fit.json"])
    assert [hit.derivation.parameters["n"] for hit in hits] == ["1", "0"]


def test_what_was_forgotten_is_not_found(make, local):
    facts = make.facts(local)
    local.record(facts)
    assert recent(local)
    local.forget(facts.realizations, "removed")
    (realization,) = facts.realizations
    assert (
        recent(local)
        == named(local, realization.digest)
        == makers(local, realization.outputs["fit.json"])
        == []
    )


def test_links_and_paths_into_directories_lead_to_the_object(make, local, tmp_path):
    (added,) = make.build(local, name="plots/")
    link = tmp_path / "link"
    link.symlink_to(added.location)
    for path in (added.location, added.location / "file.txt", link, link / "file.txt"):
        assert object_at(path) == added.path
    assert object_at(tmp_path) is None
    assert isinstance(object_at(link), ObjectPath)
