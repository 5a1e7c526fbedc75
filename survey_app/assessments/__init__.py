"""The school's side: profile, answers, check, submit, answer what is returned."""
