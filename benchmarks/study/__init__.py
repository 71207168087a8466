"""The parts of the FER-2013 study, in the order in which they run.

collection  the workspace: ingest, duplicates, audit
annotators  what FER+'s ten annotators answer, as a reviewer
versions    fer-published, fer-v1, fer-v2, ... fer-plus
training    every version, recipe, protocol and seed
results     everything that the page says, as plain values
figures     plots
page        docs/fer2013.md
again       one run trained anew
"""
