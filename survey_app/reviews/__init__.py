"""The authority's side: check, verify, return, confirm."""
