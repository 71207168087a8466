"""The library's front door.

workspace  Workspace: a folder, its configuration, and read-only tables over its stores
samples    what is known of every distinct picture
evidence   what joins samples: pairs as people settled them, subjects, sequences
origins    what joins pictures that were made of others
frames     rows as data frames
"""

from curate.workspace.workspace import Workspace

__all__ = ["Workspace"]
