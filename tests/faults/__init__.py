"""Faults made on purpose: processes killed, disks filled, databases stopped, clocks moved, acts at once."""
