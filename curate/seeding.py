"""One seed for every random choice, the same on every machine and for any number of workers."""

import hashlib

__all__ = ["derive_seed"]


def derive_seed(seed: int, *parts: int | str) -> int:
    """A 63-bit seed that depends on `seed` and on what it is used for, never on order.

    Args:
        seed: the user's seed.
        *parts: what the randomness belongs to, such as a purpose and a `sample_id`. `1` and `"1"` differ.

    Returns:
        In [0, 2**63), spread evenly (the first 63 bits of a sha256).

    Example:
        >>> derive_seed(0, "splits") == derive_seed(0, "splits")
        True
        >>> derive_seed(0, "splits") == derive_seed(1, "splits")
        False
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
