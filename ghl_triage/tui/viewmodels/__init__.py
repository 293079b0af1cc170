"""Pure functions from the product's values to lines of toned text: all that a screen says, testable without one."""
