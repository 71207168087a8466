"""The catalog's schema, as numbered steps. A step, once released, is never edited; a change is a new step.

`row_checksum` is a function that `Catalog` adds to SQLite.
"""

__all__ = ["APPLICATION_ID", "MIGRATIONS"]

APPLICATION_ID = 0x63757261
"""Marks the file as a curate catalog ("cura")."""

_FIRST = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL,
    location TEXT NOT NULL,             -- where it was read, as written in curate.toml
    licence TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('incomplete', 'complete', 'forgotten')),
    revision INTEGER NOT NULL,          -- the last complete one; 0 = none yet
    fingerprint TEXT NOT NULL,          -- what the revision being read, or last read, looked like from outside
    digest BLOB                         -- content of the last complete revision
) STRICT;

CREATE TABLE samples (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,        -- sample_id
    mode TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    hashes BLOB NOT NULL,               -- eight 64-bit perceptual hashes, big-endian
    brightness REAL NOT NULL,
    contrast REAL NOT NULL,
    sharpness REAL NOT NULL,
    entropy REAL NOT NULL,
    flags TEXT NOT NULL
) STRICT;

CREATE TABLE pictures (                 -- delivered bytes of the occurrence lowest by (file_digest, key)
    sample INTEGER PRIMARY KEY REFERENCES samples,
    file_digest BLOB NOT NULL,
    key TEXT NOT NULL,
    sha256 BLOB NOT NULL,               -- of data; differs from file_digest where a table row was stored as PNG
    data BLOB NOT NULL
) STRICT;

CREATE TABLE givens (                   -- the distinct labels of each source, as delivered
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    raw TEXT NOT NULL,
    name TEXT NOT NULL,                 -- what raw stands for in the source's format
    UNIQUE (source, raw, name)
) STRICT;

CREATE TABLE occurrences (              -- never changed but for the revision that last held them
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    content BLOB NOT NULL,              -- digest of all that was delivered; see revisions.occurrence_digest
    revision INTEGER NOT NULL,          -- retired where lower than the source's
    sample INTEGER NOT NULL REFERENCES samples,
    key TEXT NOT NULL,
    file_digest BLOB NOT NULL,
    given INTEGER REFERENCES givens,
    split TEXT,
    subject TEXT,
    sequence TEXT,
    UNIQUE (source, content)
) STRICT;
CREATE INDEX occurrences_of_sample ON occurrences (sample);

CREATE TABLE votes (
    occurrence INTEGER NOT NULL REFERENCES occurrences,
    panel TEXT NOT NULL,
    angry INTEGER NOT NULL,
    disgust INTEGER NOT NULL,
    fear INTEGER NOT NULL,
    happy INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    sad INTEGER NOT NULL,
    surprise INTEGER NOT NULL,
    contempt INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    not_a_face INTEGER NOT NULL,
    PRIMARY KEY (occurrence, panel)
) STRICT, WITHOUT ROWID;

CREATE TABLE problems (
    source INTEGER NOT NULL REFERENCES sources,
    revision INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (source, revision, key, kind, reason)
) STRICT, WITHOUT ROWID;
"""

_DUPLICATES = """
CREATE TABLE pairs (                    -- as the last search found them; sample_id of a < sample_id of b
    a INTEGER NOT NULL REFERENCES samples,
    b INTEGER NOT NULL REFERENCES samples,
    kind TEXT NOT NULL,                 -- turns a into b
    method TEXT NOT NULL,
    distance_bits INTEGER NOT NULL,
    similarity REAL NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('duplicate', 'review')),
    PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (                   -- samples of one photograph, two or more
    sample INTEGER PRIMARY KEY REFERENCES samples,
    first INTEGER NOT NULL REFERENCES samples,  -- the member with the smallest sample_id, which names the group
    keeper INTEGER NOT NULL,            -- 1 = the member to keep
    diameter INTEGER NOT NULL
) STRICT;

CREATE TABLE searches (                 -- one row: what the last duplicate search covered
    id INTEGER PRIMARY KEY CHECK (id = 1),
    thorough INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    report TEXT NOT NULL                -- JSON
) STRICT;

CREATE TABLE verdicts (                 -- what verification measured, by method, to be used again; may be lost
    method TEXT PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
"""

_REASONS = """
ALTER TABLE pairs ADD COLUMN reason TEXT NOT NULL DEFAULT '';  -- why a person should look; empty for duplicates
"""

_FITS = """
CREATE TABLE fits (                     -- by method: the embedding of a large collection, until it has outgrown it
    method TEXT PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
"""

_DECISIONS = """
CREATE TABLE decisions (                -- what people decided, oldest first; lines are added and never changed
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,               -- lines of one action of a reviewer share its name
    kind TEXT NOT NULL CHECK (kind IN ('relabel', 'confirm', 'exclude', 'skip', 'same', 'different', 'undo')),
    sample INTEGER REFERENCES samples,  -- none for undo
    other INTEGER REFERENCES samples,   -- of a pair
    label TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at TEXT NOT NULL,
    screen TEXT NOT NULL,
    note TEXT NOT NULL,
    undoes TEXT NOT NULL,               -- the action that is taken back
    given TEXT NOT NULL                 -- the label that was shown
) STRICT;
CREATE INDEX decisions_of_action ON decisions (action);
CREATE TRIGGER decisions_are_never_changed BEFORE UPDATE ON decisions
    BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_are_never_deleted BEFORE DELETE ON decisions
    BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
"""

_PATCHES = """
CREATE TABLE patches (                  -- versions made elsewhere whose labels, splits and exclusions were taken over
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,                 -- of the version
    digest BLOB NOT NULL UNIQUE,        -- of the version
    applied TEXT NOT NULL,              -- when it first was, ISO 8601
    header TEXT NOT NULL                -- JSON: what the file says of itself
) STRICT;

CREATE TABLE patch_rows (               -- of several patches that speak of a sample, the one that holds
    sample INTEGER PRIMARY KEY REFERENCES samples,
    patch INTEGER NOT NULL REFERENCES patches,
    match TEXT NOT NULL CHECK (match IN ('identical', 're-encoded')),
    label TEXT,
    split TEXT,
    gold INTEGER NOT NULL,
    left_out TEXT                       -- why no version should hold it; NULL = nothing speaks against it
) STRICT;
"""

_SUSPECTS = """
CREATE TABLE suspects (                 -- labels as a run judged them; only those of the last complete run count
    run INTEGER NOT NULL,
    sample INTEGER NOT NULL REFERENCES samples,
    given TEXT NOT NULL,
    suggested TEXT NOT NULL,
    second TEXT,
    quality REAL NOT NULL,
    reason TEXT NOT NULL,
    fold INTEGER NOT NULL,
    probs BLOB NOT NULL,                -- one float32 for each of emotions.LABELS
    PRIMARY KEY (run, sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE judgings (                 -- one row: the last complete run, what it judged, and how
    id INTEGER PRIMARY KEY CHECK (id = 1),
    run INTEGER NOT NULL,
    report TEXT NOT NULL                -- JSON
) STRICT;
"""

_ORIGINS = """
CREATE TABLE origins (                  -- what exports of versions say of their pictures; true for ever
    sample INTEGER NOT NULL REFERENCES samples,
    lineage BLOB NOT NULL,              -- lineage_id in the version; no sample of this catalog need have it
    parent BLOB NOT NULL,               -- sample_id of what it was made from, likewise; empty = it was not made
    transform TEXT NOT NULL,
    PRIMARY KEY (sample, lineage, parent, transform)
) STRICT, WITHOUT ROWID;
"""

_CHECKSUMS = """
ALTER TABLE samples ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;  -- row_checksum of the other columns but the id
UPDATE samples SET checksum =
    row_checksum(digest, mode, width, height, hashes, brightness, contrast, sharpness, entropy, flags);

CREATE TABLE contents (                 -- what other tables hold, so that damage is told; see integrity.py
    name TEXT PRIMARY KEY,
    row_count INTEGER NOT NULL,
    checksum INTEGER NOT NULL           -- sum of the row_checksums, modulo 2 ** 32
) STRICT;
INSERT INTO contents SELECT 'sources', count(*), coalesce(sum(row_checksum(
    id, name, format, location, licence, state, revision, fingerprint, digest)), 0) % 4294967296 FROM sources;
INSERT INTO contents SELECT 'decisions', count(*), coalesce(sum(row_checksum(
    id, action, kind, sample, other, label, reviewer, at, screen, note, undoes, given)), 0) % 4294967296
    FROM decisions;
INSERT INTO contents SELECT 'patches', count(*), coalesce(sum(row_checksum(
    id, name, digest, applied, header)), 0) % 4294967296 FROM patches;
INSERT INTO contents SELECT 'patch_rows', count(*), coalesce(sum(row_checksum(
    sample, patch, match, label, split, gold, left_out)), 0) % 4294967296 FROM patch_rows;
INSERT INTO contents SELECT 'pairs', count(*), coalesce(sum(row_checksum(
    a, b, kind, method, distance_bits, similarity, verdict, reason)), 0) % 4294967296 FROM pairs;
INSERT INTO contents SELECT 'groups', count(*), coalesce(sum(row_checksum(
    sample, first, keeper, diameter)), 0) % 4294967296 FROM groups;
INSERT INTO contents SELECT 'searches', count(*), coalesce(sum(row_checksum(
    thorough, samples, report)), 0) % 4294967296 FROM searches;
INSERT INTO contents SELECT 'suspects', count(*), coalesce(sum(row_checksum(
    run, sample, given, suggested, second, quality, reason, fold, probs)), 0) % 4294967296
    FROM suspects WHERE run = (SELECT run FROM judgings);
INSERT INTO contents SELECT 'judgings', count(*), coalesce(sum(row_checksum(
    run, report)), 0) % 4294967296 FROM judgings;

CREATE TRIGGER sources_are_summed AFTER INSERT ON sources BEGIN
    UPDATE contents SET row_count = row_count + 1, checksum = (checksum + row_checksum(
        new.id, new.name, new.format, new.location, new.licence, new.state, new.revision, new.fingerprint,
        new.digest)) % 4294967296
    WHERE name = 'sources';
END;
CREATE TRIGGER sources_are_summed_anew AFTER UPDATE ON sources BEGIN
    UPDATE contents SET checksum = (checksum + 4294967296 - row_checksum(
        old.id, old.name, old.format, old.location, old.licence, old.state, old.revision, old.fingerprint,
        old.digest) + row_checksum(
        new.id, new.name, new.format, new.location, new.licence, new.state, new.revision, new.fingerprint,
        new.digest)) % 4294967296
    WHERE name = 'sources';
END;

CREATE TRIGGER decisions_are_summed AFTER INSERT ON decisions BEGIN
    UPDATE contents SET row_count = row_count + 1, checksum = (checksum + row_checksum(
        new.id, new.action, new.kind, new.sample, new.other, new.label, new.reviewer, new.at, new.screen, new.note,
        new.undoes, new.given)) % 4294967296
    WHERE name = 'decisions';
END;

CREATE TRIGGER patches_are_summed AFTER INSERT ON patches BEGIN
    UPDATE contents SET row_count = row_count + 1, checksum = (checksum + row_checksum(
        new.id, new.name, new.digest, new.applied, new.header)) % 4294967296
    WHERE name = 'patches';
END;
CREATE TRIGGER patches_are_summed_anew AFTER UPDATE ON patches BEGIN
    UPDATE contents SET checksum = (checksum + 4294967296 - row_checksum(
        old.id, old.name, old.digest, old.applied, old.header) + row_checksum(
        new.id, new.name, new.digest, new.applied, new.header)) % 4294967296
    WHERE name = 'patches';
END;

CREATE TRIGGER patch_rows_are_summed AFTER INSERT ON patch_rows BEGIN
    UPDATE contents SET row_count = row_count + 1, checksum = (checksum + row_checksum(
        new.sample, new.patch, new.match, new.label, new.split, new.gold, new.left_out)) % 4294967296
    WHERE name = 'patch_rows';
END;
CREATE TRIGGER patch_rows_are_summed_anew AFTER UPDATE ON patch_rows BEGIN
    UPDATE contents SET checksum = (checksum + 4294967296 - row_checksum(
        old.sample, old.patch, old.match, old.label, old.split, old.gold, old.left_out) + row_checksum(
        new.sample, new.patch, new.match, new.label, new.split, new.gold, new.left_out)) % 4294967296
    WHERE name = 'patch_rows';
END;
"""

_CLAIMS = """
CREATE TABLE claims (                   -- what reviewers look at now; may be lost
    holder TEXT PRIMARY KEY,
    until REAL NOT NULL,                -- seconds since 1970; lapsed afterwards
    samples BLOB NOT NULL,              -- digests, one after the other
    written INTEGER NOT NULL            -- grows with every claim
) STRICT, WITHOUT ROWID;
"""

_GIVEN_LABELS = """
ALTER TABLE decisions ADD COLUMN source_labels TEXT;  -- what sources gave; NULL = not recorded. `given`: what was shown
DROP TRIGGER decisions_are_summed;
CREATE TRIGGER decisions_are_summed AFTER INSERT ON decisions BEGIN
    UPDATE contents SET row_count = row_count + 1, checksum = (checksum + row_checksum(
        new.id, new.action, new.kind, new.sample, new.other, new.label, new.reviewer, new.at, new.screen, new.note,
        new.undoes, new.given, new.source_labels)) % 4294967296
    WHERE name = 'decisions';
END;
INSERT OR REPLACE INTO contents SELECT 'decisions', count(*), coalesce(sum(row_checksum(
    id, action, kind, sample, other, label, reviewer, at, screen, note, undoes, given, source_labels)), 0)
    % 4294967296 FROM decisions;
"""

_LOCATIONS = """
ALTER TABLE pictures ADD COLUMN location TEXT;  -- where the file lies; NULL = here, in data
"""

_RENAMES = """
ALTER TABLE givens RENAME TO raw_labels;
ALTER TABLE judgings RENAME TO suspect_runs;
UPDATE contents SET name = 'suspect_runs' WHERE name = 'judgings';
"""

MIGRATIONS: tuple[str, ...] = (
    _FIRST, _DUPLICATES, _REASONS, _FITS, _DECISIONS, _PATCHES, _SUSPECTS, _ORIGINS, _CHECKSUMS, _CLAIMS, _GIVEN_LABELS,
    _LOCATIONS, _RENAMES,
)  # fmt: skip
"""Step N (from 1) brings a catalog from schema N - 1 to schema N (`PRAGMA user_version`)."""
