"""Loopback servers that speak the wires of remote systems, for rehearsals and tests: nothing leaves the machine."""
