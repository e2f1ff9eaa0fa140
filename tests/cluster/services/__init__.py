"""What limiters of scope cluster talk to: the real rate-limit service, and one that misbehaves as told."""
