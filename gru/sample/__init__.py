"""Which town is the service shown and tried with? Val-des-Tilleuls, which does not exist."""
