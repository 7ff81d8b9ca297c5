"""Tells what a driver raises as everything that goes through SQLAlchemy tells it."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError


@contextmanager
def told_as_ours() -> Generator[None]:
    """What goes straight to a driver fails as a DBAPIError, without what was sent in its words."""
    try:
        yield
    except (psycopg.OperationalError, sqlite3.OperationalError) as error:
        raise OperationalError(None, None, error) from error
    except (psycopg.Error, sqlite3.Error) as error:
        raise DBAPIError(None, None, error) from error
