"""Who takes part and what each is asked to do; their links and sessions; the register that keeps it."""
