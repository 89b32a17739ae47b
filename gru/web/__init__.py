"""How do agents, residents and the committee meet the town's cases? The only floor that knows Flask."""
