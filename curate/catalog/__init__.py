"""Working state of a workspace: one SQLite file. The only place with SQL.

connection   open, migrate, transactions
migrations   the schema
revisions    write what a source delivered
tables       read
integrity    is it what was written?
pictures     the only way to a picture's bytes
duplicates   pairs and groups
suspects     labels as the last run scored them
decisions    the log of decisions
state        did any of it change?
claims       who looks at which picture
patches      what was taken over from versions made elsewhere
"""

from curate.catalog.connection import Catalog

__all__ = ["Catalog"]
