"""Where do agents find, read and answer the cases?"""
