"""Where does a resident see where his request stands, and how does he add to it?"""
