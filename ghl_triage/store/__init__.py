"""The SQLite file of a workspace: schema, writing, queries, filters, journal and the write lock.

Reading needs nothing but the standard library's `sqlite3`, so that the first screen does not wait for `sqlite_utils`.
"""
