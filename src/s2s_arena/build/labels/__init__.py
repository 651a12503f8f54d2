"""Whether spoken samples show their labels, measured with other instruments than those that made the speech."""
