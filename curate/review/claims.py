"""Who is looking at which picture, so that two reviewers are not shown the same one."""

import json
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Claims"]


class Claims:
    """Pictures that reviewers were shown, or will be shown next; a claim lapses when its holder goes away.

    They are kept in a file as well, so that a server that died takes up where it was. Losing the file costs nothing but
    that two reviewers may meet at one picture.
    """

    def __init__(self, path: Path, *, lasts_s: float = 900.0) -> None:
        """Take up the claims of an earlier server.

        Args:
            path: where they are kept.
            lasts_s: after how many seconds without a sign of life a claim lapses.
        """
        self.path = path
        self.lasts_s = lasts_s
        self._until: dict[str, float] = {}
        self._held: dict[str, list[str]] = {}
        self._read()

    def held(self, reviewer: str) -> list[str]:
        """sample_ids that the reviewer holds, in the order in which they will be shown."""
        return list(self._held.get(reviewer, ()))

    def others(self, sample_id: str, reviewer: str, now: float) -> int:
        """How many other reviewers hold the picture.

        Args:
            sample_id: the picture.
            reviewer: who asks.
            now: seconds since any fixed moment, the same for all calls.
        """
        return sum(
            sample_id in held
            for name, held in self._held.items()
            if name != reviewer and self._until.get(name, 0.0) > now
        )

    def hold(self, reviewer: str, sample_ids: Iterable[str], now: float) -> None:
        """Replace what the reviewer holds; a sign of life."""
        held = list(dict.fromkeys(sample_ids))
        changed = held != self._held.get(reviewer)
        self._held[reviewer] = held
        stale = self._until.get(reviewer, 0.0) < now + self.lasts_s / 2
        self._until[reviewer] = now + self.lasts_s
        if changed or stale:
            self._write()

    def _read(self) -> None:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            for name, (until, held) in kept.items():
                self._until[str(name)] = float(until)
                self._held[str(name)] = [str(each) for each in held]
        except (OSError, ValueError, TypeError, AttributeError):
            self._until, self._held = {}, {}

    def _write(self) -> None:
        text = json.dumps({name: (self._until[name], held) for name, held in self._held.items()})
        fresh = self.path.with_suffix(".new")
        try:
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self.path)
        except OSError:  # a full disk; the decision itself is what must be told of it
            fresh.unlink(missing_ok=True)
