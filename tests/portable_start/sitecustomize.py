"""What Python runs first in processes that tests start under `-p portability`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import portability  # noqa: F401 - importing it is all
