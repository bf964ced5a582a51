"""Nothing that the dimuon analysis reads is undeclared, and nothing is taken for undeclared that is not."""

from lawnix.store.local import LocalStore


def test_no_task_of_the_analysis_touches_anything_undeclared(analysis):
    (said,) = analysis.said
    assert "does not declare" not in said
    with LocalStore.open(analysis.place / "store", create=False) as store:
        store.refresh()
        records = [realization.record for realization in store.answers.living().values()]
    watched = [record.observed for record in records if record.observed is not None]
    assert len(watched) >= len(records) - 1, "all but the file that is fetched by its digest"
    assert all(observed.keys() <= {"beyond"} for observed in watched)
