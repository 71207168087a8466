"""The browser reviewer: pages and widgets only; what they show and decide is made in `curate.review`.

launch      start the server, and stop it
guard       who gets an answer at all
app         what the server runs for each browser: access, the reviewer's name, navigation
settings    what the server was started with, and the session of its process
access      whose page shows anything, and who is reviewing
freshness   keeping up with a workspace that changes
boards      what takes keys: JavaScript, and mounting it
screens     the pages
"""
