"""A demo of the whole country: 34 departments in one database, written in bulk and part by part."""
