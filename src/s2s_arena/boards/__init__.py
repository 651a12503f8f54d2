"""From verdicts up to event N to standings, slices and judge reliability."""
