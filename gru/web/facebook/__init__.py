"""Which doors does the town open to Meta?"""
