"""Pages printed for the tests: own sentences, one font, what each line says is known."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vnrepair.learn.fonts import Face, find_families, load_font

BODY = (
    "Sáng nay, tổ dân phố số 4 họp bàn việc trồng cây xanh dọc bờ kênh.",
    "Mỗi hộ góp 50.000 đồng để mua giống và thuê người chăm sóc.",
    "Ông Lưu Đình Phúc được bầu làm tổ trưởng, nhiệm kỳ hai năm.",
    "Những nhà ở xa trục đường chính sẽ nhận cây ăn quả thay thế.",
    "Phường hỗ trợ xe chở đất, phân hữu cơ và dụng cụ làm vườn.",
    "Thời hạn đăng ký chậm nhất là ngày 28 tháng 2 năm 2024.",
    "Ai có ý kiến khác xin gửi thư về hộp góp ý đặt tại nhà văn hóa.",
    "Cuộc họp kết thúc lúc 9 giờ, mọi người đều nhất trí cao.",
)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: what it says and where it begins, in shares of the page's width."""

    text: str
    left: float
    row: float


@functools.cache
def font(size_px: float, face: Face = Face.REGULAR) -> ImageFont.FreeTypeFont:
    (tinos,) = (family for family in find_families() if family.name == "Tinos")
    return load_font(tinos.file(face), size_px)


def print_runs(
    runs: Sequence[Run], *, dpi: int = 200, rows: float | None = None, size_pt: float = 13
) -> np.ndarray:
    """A grey page of A4 width with the runs in place; one row is one and a half font sizes."""
    size_px = size_pt * dpi / 72
    pitch = 1.5 * size_px
    width = round(8.27 * dpi)
    height = round(((rows or max(run.row for run in runs) + 1) + 2) * pitch)
    page = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(page)
    for run in runs:
        place = (run.left * width, (run.row + 1) * pitch)
        draw.text(place, run.text, font=font(size_px), fill=0)
    return np.array(page)


def print_lines(lines: Sequence[str] = BODY, *, dpi: int = 200, size_pt: float = 13) -> np.ndarray:
    """A grey page with lines from the left margin down."""
    runs = [Run(line, 0.12, row) for row, line in enumerate(lines)]
    return print_runs(runs, dpi=dpi, size_pt=size_pt)


def lean(page: np.ndarray, degrees: float) -> np.ndarray:
    """The page with its lines leaning, counter-clockwise positive; corners come in white."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    colour = (255,) * (1 if page.ndim == 2 else 3)
    turned = cv2.warpAffine(
        page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=colour
    )
    return turned.astype(np.uint8)
