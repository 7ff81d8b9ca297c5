"""Everything that touches the outside: the log, the database, ids, Redis, keys and files."""
