"""The door of what is done after the answer: runs the jobs that requests and ticks have stored (SPEC 17).

A job may be run twice, wholly or in part: its process may die at any moment. So each act is one that, done
again, changes nothing.
"""
