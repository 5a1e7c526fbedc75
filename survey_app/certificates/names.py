"""Names of files that a person saves: no marks, no blanks, nothing a file system refuses."""

from survey_app.core.vietnamese import fold


def file_name(*words: str, ending: str) -> str:
    """ "0012/GCN-SGDĐT", "THCS Mẫu" and "pdf" → "0012-gcn-sgddt_thcs-mau.pdf"."""
    parts = ("-".join(fold(word).split())[:60].rstrip("-") for word in words)
    return "_".join(filter(None, parts)) + "." + ending
