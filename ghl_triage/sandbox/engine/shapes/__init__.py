"""How each kind of object looks: every field that API version 2026-10-28.endive always serves, unset ones null.

The module constants are the unset forms. They are shared between objects, which is safe because no stored object is
ever changed in place.
"""
