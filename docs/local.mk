# Documentation that is installed or distributed.
