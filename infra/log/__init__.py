"""The log of events: one table, one strict order, one appender in each process."""
