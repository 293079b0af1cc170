"""The screens: they show what the store holds and ask for actions; they know no API and no SQL."""
