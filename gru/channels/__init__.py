"""Which doors are there? Each channel carries words in and out; none knows a case, none knows another.

`base` is what every channel must be able to do, `email`, `facebook` and `webform` are the three there are; by `webform`
words only come in.
"""
