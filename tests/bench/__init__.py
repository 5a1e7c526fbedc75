"""Benchmarks: every figure beside the plainest way to do the same work, in the same run."""
