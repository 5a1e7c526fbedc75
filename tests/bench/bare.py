"""The plainest Flask app there is: what our pages are compared with."""

from flask import Flask, jsonify

app = Flask(__name__)


@app.post("/bare")
def save() -> object:
    """Answer like a save, doing nothing."""
    return jsonify(version=1, saved_at="14:05:32", progress={})


@app.get("/bare")
def page() -> str:
    """Answer like a page, showing nothing."""
    return "<!doctype html><title>bare</title>"
