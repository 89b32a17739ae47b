"""Which steps led the schema `keys` to its present shape?"""
