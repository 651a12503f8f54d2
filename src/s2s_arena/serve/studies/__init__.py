"""What researchers do with a study: begin it, invite people, look at them, take results out."""
