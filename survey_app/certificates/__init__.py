"""Certificates: eligible → decision → number → frozen content → PDF → look-up, revoke."""
