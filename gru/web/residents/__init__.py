"""Where does a resident see where his request stands, and how does he add to it?

`filing` is the form. His page: `tracking`, `tracking_page`, `status`, `thread`, reached by `access`, kept by
`second_code`; on a kiosk by `kiosk_following`. `opinion` asks him, `following` ends his letters about another's case.
`third_party` and `third_party_page` are for somebody outside the town who was asked something.
"""
