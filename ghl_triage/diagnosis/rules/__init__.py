"""The table of causes: design.md section 5, row by row; the first that holds is the cause."""
