"""The policy-briefs API: a read-only HTTP API over annotated policy briefs."""
