"""Departments, communes and schools in one tree, their sites, and the import of checked lists."""
