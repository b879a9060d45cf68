-- Small records under names, kept together in collections.
CREATE TABLE IF NOT EXISTS records (
    collection TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (collection, name)
) STRICT, WITHOUT ROWID;

-- They cannot be evicted.
CREATE TRIGGER IF NOT EXISTS record_inserted AFTER INSERT ON records BEGIN
    UPDATE state SET pinned = pinned + 32 + octet_length(new.collection)
        + octet_length(new.name) + octet_length(new.value);
END;
CREATE TRIGGER IF NOT EXISTS record_updated AFTER UPDATE ON records BEGIN
    UPDATE state SET pinned = pinned + octet_length(new.value) - octet_length(old.value);
END;
CREATE TRIGGER IF NOT EXISTS record_deleted AFTER DELETE ON records BEGIN
    UPDATE state SET pinned = pinned - 32 - octet_length(old.collection)
        - octet_length(old.name) - octet_length(old.value);
END;
