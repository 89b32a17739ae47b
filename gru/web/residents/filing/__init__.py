"""How does a resident ask for something on the town's pages: one question a page, without a script?"""
