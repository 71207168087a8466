"""The three boards (queue, sheet, cases): what runs in the browser, and how it meets Python.

shared.js    texts, pictures, keys, and the outbox that sends a decision until it is answered
style.css    how boards look, in the colours of Streamlit's theme
mounting     show a board; take what it sends
"""

from curate._ui.boards.mounting import ONE_LABEL, mount

__all__ = ["ONE_LABEL", "mount"]
