-- The hub's store. Times are milliseconds since the Unix epoch. Ids are ULIDs as
-- text, so that they sort by time and look like those on the wire.

CREATE TABLE messages (
    number INTEGER PRIMARY KEY, -- in the order of insertion
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    data TEXT NOT NULL,
    expires INTEGER -- NULL: never
) STRICT;
CREATE INDEX messages_by_channel ON messages (channel, id);
CREATE INDEX messages_by_event ON messages (channel, event, id);
CREATE INDEX messages_by_expiry ON messages (expires) WHERE expires IS NOT NULL;

CREATE TABLE deduplication_ids (
    channel TEXT NOT NULL,
    deduplication_id TEXT NOT NULL,
    id TEXT NOT NULL, -- of the accepted message
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX deduplication_ids_by_expiry ON deduplication_ids (expires);

-- Single-use tokens that have been used.
CREATE TABLE used_tokens (
    jti TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX used_tokens_by_expiry ON used_tokens (expires);

-- Messages to be published later.
CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    due INTEGER NOT NULL,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    data TEXT NOT NULL,
    deduplication_id TEXT,
    store INTEGER NOT NULL -- seconds; 0: not stored, -1: for ever
) STRICT;
CREATE INDEX schedules_by_time ON schedules (due, id);

-- One row. The triggers below keep the counts.
CREATE TABLE state (
    reserved INTEGER NOT NULL, -- no process has given an id of this time or later
    messages INTEGER NOT NULL, -- the number of stored messages
    pinned INTEGER NOT NULL -- bytes that cannot be evicted, in the other tables
) STRICT;
INSERT INTO state VALUES (0, 0, 0);

CREATE TRIGGER message_inserted AFTER INSERT ON messages BEGIN
    UPDATE state SET messages = messages + 1;
END;
CREATE TRIGGER message_deleted AFTER DELETE ON messages BEGIN
    UPDATE state SET messages = messages - 1;
END;

-- The numbers are what a row and its index entries take in addition to its texts.
CREATE TRIGGER deduplication_id_inserted AFTER INSERT ON deduplication_ids BEGIN
    UPDATE state SET pinned = pinned + 64
        + octet_length(new.channel) + octet_length(new.deduplication_id);
END;
CREATE TRIGGER deduplication_id_deleted AFTER DELETE ON deduplication_ids BEGIN
    UPDATE state SET pinned = pinned - 64
        - octet_length(old.channel) - octet_length(old.deduplication_id);
END;
CREATE TRIGGER used_token_inserted AFTER INSERT ON used_tokens BEGIN
    UPDATE state SET pinned = pinned + 48 + 2 * octet_length(new.jti);
END;
CREATE TRIGGER used_token_deleted AFTER DELETE ON used_tokens BEGIN
    UPDATE state SET pinned = pinned - 48 - 2 * octet_length(old.jti);
END;
CREATE TRIGGER schedule_inserted AFTER INSERT ON schedules BEGIN
    UPDATE state SET pinned = pinned + 160 + octet_length(new.channel)
        + octet_length(new.event) + octet_length(new.data)
        + ifnull(octet_length(new.deduplication_id), 0);
END;
CREATE TRIGGER schedule_deleted AFTER DELETE ON schedules BEGIN
    UPDATE state SET pinned = pinned - 160 - octet_length(old.channel)
        - octet_length(old.event) - octet_length(old.data)
        - ifnull(octet_length(old.deduplication_id), 0);
END;
