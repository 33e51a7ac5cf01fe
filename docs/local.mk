# Documentation that is installed or distributed.
EXTRA_DIST += %D%/architecture.md %D%/benchmarks.md %D%/charter.md %D%/commands.md %D%/formats.md %D%/http.md %D%/listing.md %D%/operating.md %D%/reading.md %D%/search.md %D%/security.md %D%/wire.md
