"""The ways out of the process, in one frozen value."""
