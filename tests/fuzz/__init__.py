"""A fuzzer of every form: finds them by walking the pages, fills them with rubbish, wants no answer ≥ 500."""
