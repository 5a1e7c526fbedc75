"""Small files that the rules with an upload take, made once."""

from functools import cache

from tests.factories.evidence import make_picture
from tests.frameworks.books import make_book, official

UNIT_CODE = "92WALLS1"  # of school A; for everybody who does not manage it the list's one row is wrong
PEOPLE = f"Mã đơn vị,Vai trò,Họ và tên\n{UNIT_CODE},Thành viên,Trần Văn Mẫu\n".encode()
SCHOOLS = (
    "Mã trường,Tên trường,Cấp,Mã xã 2026,Tên xã 2026\n92000F99,THPT Mẫu,THPT,31135,Phường Mẫu\n".encode()
)


@cache
def criteria_book() -> bytes:
    """A sound workbook of a set that is not stored yet."""
    return make_book(official())


@cache
def photo() -> tuple[bytes, str]:
    """A photograph as a form sends it."""
    return make_picture("JPEG"), "anh.jpg"
