"""Long fault tests on real server processes: `make faults`."""
