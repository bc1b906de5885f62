"""The checks' side of this lab: read it, it says what is asked. Restored before each check."""
