"""How does the town account to its committee, and did what the committee decided help?"""
