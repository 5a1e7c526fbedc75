"""Criteria sets: files or workbooks → versions that never change."""
