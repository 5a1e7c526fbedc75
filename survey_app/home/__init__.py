"""First page and menu of each role; the audit page."""
