"""A unit's store of evidence: intake, re-encoding, serving."""
