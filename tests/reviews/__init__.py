"""Tests of the authority's side."""
