"""The demo: an invented department with people, one finished round and one in full swing."""
