"""Is everything running, and what should the operator look at?"""
