"""Long faults, tried on real server processes by make trust."""
