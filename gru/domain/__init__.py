"""What can be said and decided about requests, without a clock, a file, a network or chance?

`events` what can happen, `case` what follows from it and what may be wished, `status` and `policies` what an event
means and calls for. `clocks` count time, `explaining` shows every second of it, `simulating` tries other rules. `town`
is what a version of the town says, `town_stream` how it adopts one, `rights` who may do what. `message` and
`belonging` place what came in; `reception` is about who comes in person, `difficulty` about what hinders agents,
`report` about the committee, `statistics` about what counts allow to conclude. `references` are the names of things,
`errors` the sentences of a refusal.
"""
