"""The audit log: a Merkle tree over the event log, signed, and provable to who trusts no server."""
