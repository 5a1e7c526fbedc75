"""The guide of the caller's role, on screen and on one sheet of paper."""

from flask import Response, current_app, render_template
from flask.typing import ResponseReturnValue

from survey_app.core.access import acting, requires
from survey_app.documents.letterhead import Letterhead
from survey_app.documents.paper import render_paper
from survey_app.home.blueprint import bp
from survey_app.home.guides import guide_for
from survey_app.rules.permissions import Role

ONE_SHEET = (
    "html,h2{font-size:11.5pt;line-height:1.2}h2{margin:5pt 0 1pt}p{margin:1pt 0}"
    ".letterhead,.title{margin:0 0 6pt}"
)


@bp.get("/help")
@requires("home.see")
def help_page() -> ResponseReturnValue:
    """What to do, step by step, and whom to call."""
    return render_template("home/help.html", guide=guide_for(Role(acting().role)))


@bp.get("/help/guide.pdf")
@requires("home.see")
def help_paper() -> ResponseReturnValue:
    """The same words on one A4 sheet to pin up, in Vietnamese."""
    guide = guide_for(Role(acting().role))
    paper = render_paper(
        "home/guide_paper.html",
        {
            "guide": guide,
            "head": Letterhead("", current_app.config["DEPARTMENT_NAME"]),
            "system": current_app.config["SYSTEM_NAME"],
            "support": current_app.config["SUPPORT_CONTACT"],
        },
        title=guide.title,
        stylesheets=(ONE_SHEET,),
    )
    return Response(
        paper,
        mimetype="application/pdf",
        headers={"Content-Disposition": "attachment; filename=huong-dan.pdf"},
    )
