"""Where `ui/` is found in a clone; in an installed package it lies here itself (see setup.py).

An editable install is then one line with the path of the clone. If setuptools mapped `ui/` to `curate._ui`, it would be
a finder instead, which Python asks only after it has taken a clone named `curate` beside a script for the package.
"""

from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

_PAGES = Path(__file__).parents[2] / "ui"

__path__ = [str(_PAGES)]
__spec__ = ModuleSpec(__name__, SourceFileLoader(__name__, str(_PAGES / "__init__.py")), is_package=True)
__spec__.submodule_search_locations = __path__  # where importlib.resources looks for files
