"""The voting hall: a desk for each study, what is drawn for whom, and votes made durable."""
