"""How do the town's Facebook page and its residents speak to each other?"""
