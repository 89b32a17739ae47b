"""What is GRU? The town's memory of every request: each folder below is one floor of the house.

From below: `domain` says and decides; `storage` keeps; `channels` carry words in and out; `office` does the work;
`bootstrap` puts it together; `web`, `cli`, `processes` and `tasks` are how people, operators and the machine reach it.
`settings` is the only reader of the environment. `sample` is the town it is tried with, `demo` that town's invented
year, `bench` what the work costs.
"""
