"""Free task names: made comparable, merged, and sorted into clusters."""
