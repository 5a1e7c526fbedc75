"""Messages to units, with read receipts."""
