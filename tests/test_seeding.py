from curate.seeding import derive_seed


def test_seeds_are_the_same_everywhere() -> None:
    assert derive_seed(0, "jitter", "abc", 1) == 5161834366986937732


def test_every_part_counts_and_types_differ() -> None:
    seeds = {
        derive_seed(0, "a"),
        derive_seed(1, "a"),
        derive_seed(0, "a", 1),
        derive_seed(0, "a", "1"),
        derive_seed(0, "a1"),
    }
    assert len(seeds) == 5


def test_seeds_fit_in_63_bits() -> None:
    assert all(0 <= derive_seed(number, "x") < 2**63 for number in range(200))
