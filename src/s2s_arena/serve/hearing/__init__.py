"""What people hear, clip by clip, and the proof that they could hear it and did."""
