"""Where do things lie? The log, the archive with its keys, the files, the work to be done."""
