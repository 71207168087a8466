"""Who is looking at which picture, so that two reviewers are not shown the same one, whichever server they use."""

from collections.abc import Iterable

from curate.catalog import Catalog
from curate.catalog.claims import Claim, claim_rows, newest_claim, write_claim
from curate.errors import StorageFull

__all__ = ["Claims"]


class Claims:
    """Pictures that reviewers were shown, or will be shown next; a claim lapses when its holder goes away.

    They lie in the catalog, where all servers of a workspace see them and where they outlive a server that died.
    Choosing goes in three steps: `read` what others hold, `hold` what was chosen, and `settle` it, which fails when
    another server claimed something in between; then the pictures are chosen again. So nobody waits for a lock while
    pictures are chosen.
    """

    def __init__(self, catalog: Catalog, *, lasts_s: float = 900.0) -> None:
        """Nothing is read yet.

        Args:
            catalog: where claims lie.
            lasts_s: after how many seconds without a sign of life a claim lapses.
        """
        self.lasts_s = lasts_s
        self._catalog = catalog
        self._newest = -1
        self._claims: dict[str, Claim] = {}
        self._chosen: dict[str, Claim] = {}

    def read(self) -> None:
        """Take in what other servers' reviewers hold; what was chosen and not settled is forgotten."""
        if self._chosen or newest_claim(self._catalog) != self._newest:
            self._chosen = {}
            self._newest, rows = claim_rows(self._catalog)
            self._claims = {claim.holder: claim for claim in rows}

    def held(self, reviewer: str) -> list[str]:
        """sample_ids that the reviewer holds, in the order in which they will be shown."""
        claim = self._claims.get(reviewer)
        return list(claim.sample_ids) if claim else []

    def others(self, sample_id: str, reviewer: str, now: float) -> int:
        """How many other reviewers hold the picture.

        Args:
            sample_id: the picture.
            reviewer: who asks.
            now: seconds since 1970. A claim that ends later than any that is written now has been written before the
                clock was set back; it has lapsed, as nobody could wait for its end.
        """
        return sum(
            sample_id in claim.sample_ids
            for claim in self._claims.values()
            if claim.holder != reviewer and now < claim.until < now + 2 * self.lasts_s
        )

    def hold(self, reviewer: str, sample_ids: Iterable[str], now: float) -> None:
        """Replace what the reviewer holds; a sign of life. Other servers know once it is settled."""
        claim = Claim(reviewer, now + self.lasts_s, tuple(dict.fromkeys(sample_ids)))
        known = self._claims.get(reviewer, Claim("", 0.0, ()))
        fresh = 0 <= claim.until - known.until < self.lasts_s / 2
        if not fresh or known.sample_ids != claim.sample_ids:
            self._claims[reviewer] = self._chosen[reviewer] = claim

    def settle(self) -> bool:
        """Write what was chosen since `read`; False when another server claimed something meanwhile."""
        try:
            while self._chosen:
                if not write_claim(self._catalog, next(iter(self._chosen.values())), after=self._newest):
                    return False
                self._newest += 1
                del self._chosen[next(iter(self._chosen))]
        except StorageFull:  # the decision itself fails then, too; what two decide is refused there
            self._chosen = {}
        return True
