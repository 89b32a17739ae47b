"""What is done in the town hall, by whomever it is asked for?"""
