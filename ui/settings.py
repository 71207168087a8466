"""What the server was started with, and the one session of its process."""

import gc
import json
import os
from dataclasses import asdict, dataclass

import streamlit as st

from curate.review.session import ReviewSession
from curate.workspace import Workspace

__all__ = ["VARIABLE", "Settings", "session", "settings", "to_environment"]

VARIABLE = "CURATE_REVIEW"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `curate review` was started with.

    Attributes:
        workspace: folder.
        votes: reviewers per picture.
        token: what a browser must know.
    """

    workspace: str
    votes: int
    token: str


def to_environment(chosen: Settings) -> None:
    """Hand settings on to the app, which runs in this process."""
    os.environ[VARIABLE] = json.dumps(asdict(chosen))


def settings() -> Settings:
    """The settings of this process."""
    return Settings(**json.loads(os.environ[VARIABLE]))


@st.cache_resource(show_spinner="Reading the workspace")
def session() -> ReviewSession:
    """The session of all reviewers of this server."""
    chosen = settings()
    return ReviewSession(Workspace(chosen.workspace), votes=chosen.votes, after_reading=_set_aside)


def _set_aside() -> None:
    """A hundred thousand pictures' worth of objects that stay need not be looked through again and again."""
    gc.collect()
    gc.freeze()
