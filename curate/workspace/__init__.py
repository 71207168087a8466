"""The library's front door.

workspace    Workspace: a folder, its configuration, and read-only tables over its stores
samples      what is known of every distinct picture
occurrences  every place where one was found, with what was delivered there
evidence     what joins samples: pairs as people settled them, subjects, sequences
origins      what joins pictures that were made of others
lookup       one sample by whatever a person has of it: an id, a key, a file
selection    samples by a simple filter
summary      what it holds after ingest, in counts
contents     what a workspace holds, in one line
output       where pages and tables with faces are written
frames       rows as data frames
"""

from curate.workspace.workspace import Workspace

__all__ = ["Workspace"]
