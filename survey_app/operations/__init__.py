"""Looking after an installation: how it is doing, seals over the audit trail, backups, moving."""
