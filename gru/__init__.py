"""What is GRU? The town's memory of every request: each folder below is one floor of the house.

From below: `domain` says and decides; `storage` keeps; `channels` carry words in and out; `office` does the work;
`bootstrap` puts it together; `web`, `cli`, `processes` and `tasks` are how people, operators and the machine reach it.
Beside this folder, between `domain` and `office`, lie the `projections`, which answer what is asked of the history.
`settings` is the only reader of the town's settings. `sample` is the town it is tried with, `demo` that town's invented
year, `bench` what the work costs.
"""
