"""A person fills in a form in Chromium while everything between the page and the database goes wrong."""
