"""What keeps an installation safe: seals over the audit trail, backups, moving to another database."""
