"""What do the figures say, and to which cases do they lead?"""
