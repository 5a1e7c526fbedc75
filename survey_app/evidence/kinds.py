"""The kinds of evidence: their words on screen, the endings of files we take and what they are served as."""

from survey_app.rules.errors import N_

IMAGE, PDF, DOCUMENT, LINK = "image", "pdf", "document", "link"

KIND_NAMES = {
    IMAGE: N_("Ảnh"),
    PDF: N_("PDF"),
    DOCUMENT: N_("Word, Excel"),
    LINK: N_("Đường dẫn"),
}
JPEG_TYPE = "image/jpeg"
PICTURE_ENDINGS = frozenset({"jpg", "jpeg", "jfif", "png", "webp", "heic", "heif"})
OFFICE_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What a file chooser offers; "image/*" lets a phone open its camera.
ACCEPT = "image/*,.heic,.heif,.pdf,.docx,.xlsx"
