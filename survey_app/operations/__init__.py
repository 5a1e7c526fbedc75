"""Looking after the system: how it is doing, for the administrator and for the monitoring."""
