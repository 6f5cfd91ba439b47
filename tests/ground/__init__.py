"""What the suites that run containers stand on: namespaces, a container in them, and what asks it."""
