"""What is allowed and what happened: aggregates, events, rules and codes; no database, no web."""
