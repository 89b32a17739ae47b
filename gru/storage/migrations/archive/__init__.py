"""Which steps led the schema `archive` to its present shape?"""
