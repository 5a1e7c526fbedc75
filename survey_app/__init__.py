"""The map of the house: rooms on a staircase, each importing only rooms below it.

app › home › exports | certificates | plans › results › reviews › assessments › evidence › rounds ›
frameworks › notices › jobs › accounts › organisations › documents › core › rules | config
"""
