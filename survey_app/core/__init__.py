"""Plumbing every room stands on: database, access, audit, clock, forms, files and the web edge."""
