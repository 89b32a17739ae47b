"""Which steps led the schema `work` to its present shape?"""
