"""What can be said and decided about requests, without a clock, a file, a network or chance?"""
