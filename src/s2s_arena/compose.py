"""From cards and environment to objects: the only module that names store/, models/ and executors/."""
