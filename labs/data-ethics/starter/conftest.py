"""Lets the tests in given/ import the programs beside this file."""
