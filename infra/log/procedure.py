"""The procedure that carries out a batch of appends within PostgreSQL's server."""

from typing import Final

from infra.log.series import DIGITS

LOCK_KEY: Final = 0x53414D53594E
"""SAMSYN: the one advisory lock that orders the log of a database."""
PARAMETERS: Final = 20
"""How many it is given; it gives the head and the numbers drawn, both null before."""
READ_ONLY_HEAD: Final = -1
"""What the procedure gives instead of a head, see migration 0005."""
_MASK: Final = f"'FM{'9' * 10}{'0' * DIGITS}'"
"""A number as `digits` writes it."""

# The server has all of a batch before it takes the lock, and commits by itself: a client that is
# stopped, slow or gone cannot sit on the lock. Every statement of the procedure sees what was
# committed before it began, so the lock comes in a statement of its own, before the checks.
_TEMPLATE: Final = """
CREATE OR REPLACE PROCEDURE pg_temp.samsyn_append(
    p_streams uuid[], p_expected int[],
    p_stream_ids uuid[], p_versions int[], p_topics text[], p_times bigint[], p_states bytea[],
    p_keys text[], p_fingerprints text[], p_created uuid[], p_key_offsets int[],
    p_key_streams uuid[], p_key_versions int[],
    p_names text[], p_name_offsets int[],
    p_draw_rows int[], p_draw_names text[], p_draw_numbers bigint[],
    p_draw_places int[], p_draw_lengths int[],
    INOUT p_head bigint, INOUT p_drawn text)
LANGUAGE plpgsql AS $$
DECLARE
    written int;
    v_series text;
    v_expected bigint;
    v_number bigint;
    v_taken bigint;
    v_stride bigint;
    v_middle bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(:lock);
    IF EXISTS (SELECT FROM audit_behind) THEN
        p_head := :read_only;
        ROLLBACK;
        RETURN;
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT s.expected, (SELECT e.version FROM events e WHERE e.stream_id = s.stream_id
                                ORDER BY e.version DESC LIMIT 1) AS version
            FROM unnest(p_streams, p_expected) AS s(stream_id, expected)
        ) AS found
        WHERE version <> expected OR (version IS NULL AND expected NOT IN (-1, 0))
    ) OR (
        p_keys IS NOT NULL
        AND EXISTS (SELECT FROM command_keys WHERE key = ANY(p_keys))
    ) OR (
        p_names IS NOT NULL
        AND EXISTS (SELECT FROM claims WHERE name = ANY(p_names))
    ) THEN
        p_head := NULL;
        ROLLBACK;
        RETURN;
    END IF;
    SELECT coalesce(max(position), 0) INTO p_head FROM events;
    IF p_names IS NOT NULL THEN
        INSERT INTO claims (name, position)
        SELECT c.name, p_head + c.at FROM unnest(p_names, p_name_offsets) AS c(name, at);
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(p_names) THEN
            RAISE 'only % claims of % would be written', written, cardinality(p_names);
        END IF;
    END IF;
    IF p_draw_rows IS NOT NULL THEN
        FOR nth IN 1 .. cardinality(p_draw_rows) LOOP
            v_series := p_draw_names[nth];
            v_expected := p_draw_numbers[nth];
            v_number := v_expected;
            IF nth > 1 AND v_series = p_draw_names[nth - 1] THEN
                v_number := greatest(v_number, p_draw_numbers[nth - 1] + 1);
            END IF;
            IF EXISTS (SELECT FROM claims WHERE name = v_series || to_char(v_number, :mask)) THEN
                -- As `first_free` does: in strides twice as long each, then back by halves.
                v_taken := v_number;
                v_stride := 1;
                WHILE EXISTS (
                    SELECT FROM claims WHERE name = v_series || to_char(v_taken + v_stride, :mask)
                ) LOOP
                    v_taken := v_taken + v_stride;
                    v_stride := v_stride * 2;
                END LOOP;
                v_number := v_taken + v_stride;
                WHILE v_number - v_taken > 1 LOOP
                    v_middle := v_taken + (v_number - v_taken) / 2;
                    IF EXISTS (SELECT FROM claims WHERE name = v_series || to_char(v_middle, :mask))
                    THEN v_taken := v_middle; ELSE v_number := v_middle; END IF;
                END LOOP;
            END IF;
            IF v_number <> v_expected THEN
                p_draw_numbers[nth] := v_number;
                p_states[p_draw_rows[nth]] := overlay(
                    p_states[p_draw_rows[nth]]
                    PLACING convert_to(to_char(v_number, :mask), 'UTF8')
                    FROM p_draw_places[nth] FOR p_draw_lengths[nth]);
            END IF;
        END LOOP;
        INSERT INTO claims (name, position)
        SELECT d.series || to_char(d.number, :mask), p_head + d.at
        FROM unnest(p_draw_names, p_draw_numbers, p_draw_rows) AS d(series, number, at);
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(p_draw_rows) THEN
            RAISE 'only % numbers of % would be claimed', written, cardinality(p_draw_rows);
        END IF;
        p_drawn := array_to_string(p_draw_numbers, ',');
    END IF;
    INSERT INTO events (position, stream_id, version, topic, recorded_at, state)
    SELECT p_head + e.n, e.stream_id, e.version, e.topic, e.recorded_at, e.state
    FROM unnest(p_stream_ids, p_versions, p_topics, p_times, p_states)
        WITH ORDINALITY AS e(stream_id, version, topic, recorded_at, state, n);
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality(p_stream_ids) THEN
        RAISE 'only % events of % would be written', written, cardinality(p_stream_ids);
    END IF;
    IF p_keys IS NOT NULL THEN
        INSERT INTO command_keys (key, fingerprint, created_id, position, stream_id, version)
        SELECT k.key, k.fingerprint, k.created_id, p_head + k.at, k.stream_id, k.version
        FROM unnest(p_keys, p_fingerprints, p_created, p_key_offsets, p_key_streams,
                    p_key_versions) AS k(key, fingerprint, created_id, at, stream_id, version);
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(p_keys) THEN
            RAISE 'only % keys of % would be written', written, cardinality(p_keys);
        END IF;
    END IF;
    COMMIT;
END $$"""
PROCEDURE: Final = (
    _TEMPLATE.replace(":lock", str(LOCK_KEY))
    .replace(":read_only", str(READ_ONLY_HEAD))
    .replace(":mask", _MASK)
)
"""Makes it, for one session."""
