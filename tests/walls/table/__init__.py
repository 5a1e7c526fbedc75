"""The table: for every rule and method who may, written by hand and never learned from the app.

    R("GET /assessments/<uid>/check", "SCHOOL AUTHORITY", "form.*")
    R("POST /reviews/<uid>/hold", "OFFICERS", "form.*=409 form.in_review=302", body={"reason": "…"})

To add a route add ONE line to the file of its room: method and rule as `flask routes` shows it, who may call
it at all (groups and actors of `walls.actors`; `PUBLIC` for everybody), and the objects to call it with.

* Without objects there is one cell for each actor: R("GET /account/own", "EVERYONE").
* With a parameter in the rule name the objects: "form.*" stands for all forms of `walls.reach`, a later
  "form.draft=302" overrules one of them, "form.*!" leaves the two below out. Parameters named as
  keywords (code="AT1") are filled with them, the object fills the other one. "@name" is a thing of the
  world, "$name" a thing of the actor's own ("$membership").
* Two cells more come by themselves: an id that nobody has and rubbish, both 404 for those who may.
* The outcome after `=` is what an actor gets who may call the rule and has the object in reach: a status, or
  `in` (302 to the sign-in page). 200 on GET and 302 on POST when left out (`ok=` overrules for the whole
  row). ",officer:403" behind it overrules for one actor or group.
* By law, and not to be written: nobody signed in, a locked account and a role taken away are sent to sign in
  (GET 302, POST 401); who must first choose a password is sent there (302); another role gets 403; an object
  out of reach is 404.
* A POST wants `body=`: the fewest fields that succeed; a file is (bytes, name). A new kind of object: name it
  in `walls.objects`, say in `walls.reach` who has it in reach. Then `python -m tests.walls` for the document.
"""

from tests.walls.table import authority, people, school, units

ROWS = (*people.ROWS, *units.ROWS, *school.ROWS, *authority.ROWS)
