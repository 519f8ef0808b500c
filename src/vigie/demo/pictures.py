"""Pictures of the invented ads: small flat drawings, one per kind of ware, no two alike.

A picture's number says its kind and its colours; it needs no file.
"""

import random
from functools import lru_cache
from typing import Final

KINDS: Final = (
    "flat", "house", "land", "car", "motorbike", "phone", "laptop", "console", "sofa", "fridge",
    "bike",
)  # fmt: skip
_EACH: Final = 1_000_000
_PALETTES: Final = (
    ("#dcecf2", "#b9d6e2", "#3b7a94", "#f2a65a"), ("#f6e7d8", "#ecd0b4", "#b5623c", "#3f6b5c"),
    ("#e6efe0", "#c8dcbc", "#5a8a4a", "#d98e4b"), ("#efe6f2", "#d9c7e0", "#7a5490", "#e3b448"),
    ("#fbeee6", "#f3d5c3", "#cc6b52", "#4a7c8c"), ("#e8eef7", "#c9d8ec", "#41639b", "#ef8354"),
    ("#f3f0e4", "#e0d9bd", "#8a7c3d", "#b3475a"), ("#e3f0ee", "#bddbd6", "#2f7f78", "#e9a23b"),
)  # fmt: skip
_INK: Final = "#2e3440"


def picture_number(kind: str, number: int) -> int:
    """Return the number of picture *number* of *kind*."""
    return KINDS.index(kind) * _EACH + number % _EACH


@lru_cache(maxsize=512)
def draw_picture(number: int) -> bytes:
    """Return picture *number* as SVG, 640 × 480.

    Raises:
        ValueError: there is no kind for that number.
    """
    place, variant = divmod(number, _EACH)
    if number < 0 or place >= len(KINDS):
        raise ValueError(f"no picture has the number {number}")
    draw = random.Random(variant)
    light, ground, main, accent = draw.choice(_PALETTES)
    shapes = _DRAWINGS[KINDS[place]](draw, main, accent)
    hill = draw.randint(330, 365)
    sun = f'<circle cx="{draw.randint(60, 580)}" cy="{draw.randint(50, 110)}" r="34" fill="#fff"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 480" width="640" height="480">'
        f'<rect width="640" height="480" fill="{light}"/>{sun}'
        f'<path d="M0 370 Q160 {hill} 320 370 T640 362 V480 H0Z" fill="{ground}"/>'
        f"{shapes}</svg>"
    ).encode()


def _rect(box: tuple[int, int, int, int], fill: str, round_: int = 6) -> str:
    x, y, width, height = box
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_}" fill="{fill}"/>'


def _disc(x: int, y: int, radius: int, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _wheel(x: int, y: int, radius: int) -> str:
    return _disc(x, y, radius, _INK) + _disc(x, y, radius // 2, "#e5e9f0")


def _tree(x: int, fill: str) -> str:
    return _rect((x - 6, 330, 12, 60), "#7a5c43", 2) + _disc(x, 310, 42, fill)


def _flat(draw: random.Random, main: str, accent: str) -> str:
    floors, columns = draw.randint(4, 6), draw.randint(3, 5)
    width = columns * 56 + 24
    left = 320 - width // 2
    top = 400 - floors * 52 - 20
    parts = [_tree(left - 50, accent), _rect((left, top, width, 400 - top), main, 4)]
    for floor in range(floors):
        for column in range(columns):
            lit = "#fff4d6" if draw.random() < 0.6 else "#d8dee9"
            parts.append(_rect((left + 24 + column * 56, top + 18 + floor * 52, 32, 32), lit, 3))
    return "".join(parts)


def _house(draw: random.Random, main: str, accent: str) -> str:
    roof = draw.randint(150, 190)
    return (
        _rect((190, 250, 260, 150), "#fbf7ef", 2)
        + f'<path d="M170 255 L320 {roof} L470 255Z" fill="{main}"/>'
        + _rect((295, 320, 50, 80), accent, 4)
        + _rect((215, 285, 50, 44), "#b9d6e2", 3)
        + _rect((375, 285, 50, 44), "#b9d6e2", 3)
        + _tree(draw.choice((110, 530)), "#6a994e")
    )


def _land(draw: random.Random, main: str, accent: str) -> str:
    rows = "".join(
        f'<path d="M0 {400 + row * 18} Q320 {380 + row * 18} 640 {404 + row * 18}" fill="none" '
        f'stroke="{main}" stroke-width="5" stroke-opacity=".45"/>'
        for row in range(4)
    )
    return rows + "".join(_tree(draw.randint(60, 580), accent) for _ in range(draw.randint(2, 4)))


def _car(draw: random.Random, main: str, accent: str) -> str:
    roof = draw.randint(225, 250)
    return (
        f'<path d="M195 310 Q230 {roof} 275 {roof} H380 Q420 {roof} 460 310Z" fill="{main}"/>'
        f'<path d="M222 308 Q245 {roof + 16} 278 {roof + 16} H318 V308Z" fill="#e5f1f7"/>'
        f'<path d="M330 308 V{roof + 16} H376 Q404 {roof + 16} 432 308Z" fill="#e5f1f7"/>'
        + _rect((140, 304, 370, 76), main, 26)
        + _rect((486, 322, 26, 18), accent, 6)
        + _rect((138, 322, 20, 18), "#bf616a", 6)
        + _wheel(225, 380, 40)
        + _wheel(425, 380, 40)
    )


def _motorbike(draw: random.Random, main: str, accent: str) -> str:
    lean = draw.randint(0, 14)
    return (
        _wheel(215, 370, 54)
        + _wheel(430, 370, 54)
        + f'<path d="M215 370 L290 {300 - lean} H390 L430 370" fill="none" stroke="{main}" '
        'stroke-width="26" stroke-linejoin="round"/>'
        f'<path d="M390 300 L414 {228 - lean} L452 {224 - lean}" fill="none" stroke="{_INK}" '
        'stroke-width="12" stroke-linecap="round"/>' + _rect((240, 268, 120, 26), accent, 13)
    )


def _phone(draw: random.Random, main: str, accent: str) -> str:
    tiles = "".join(
        _rect(
            (268 + column * 38, 170 + row * 44, 28, 28), draw.choice((main, accent, "#d8dee9")), 8
        )
        for row in range(4)
        for column in range(3)
    )
    return _rect((240, 110, 160, 300), _INK, 26) + _rect((252, 130, 136, 260), "#fff", 12) + tiles


def _laptop(draw: random.Random, main: str, accent: str) -> str:
    lines = "".join(
        _rect((216, 178 + row * 26, draw.randint(60, 200), 10), main if row % 2 else accent, 5)
        for row in range(5)
    )
    return (
        _rect((180, 140, 280, 190), _INK, 14)
        + _rect((194, 154, 252, 162), "#fff", 6)
        + lines
        + f'<path d="M140 340 H500 L480 372 H160Z" fill="{main}"/>'
    )


def _console(draw: random.Random, main: str, accent: str) -> str:
    buttons = (accent, "#bf616a", "#ebcb8b", "#a3be8c")
    turned = draw.randint(0, 3)
    places = ((432, 250), (462, 280), (432, 310), (402, 280))
    return (
        _rect((150, 210, 340, 140), main, 70)
        + _rect((188, 266, 76, 26), "#fff", 6)
        + _rect((213, 241, 26, 76), "#fff", 6)
        + "".join(_disc(*place, 15, buttons[(i + turned) % 4]) for i, place in enumerate(places))
    )


def _sofa(draw: random.Random, main: str, accent: str) -> str:
    cushion = draw.choice((230, 330))
    return (
        _rect((150, 220, 340, 130), main, 26)
        + _rect((120, 270, 60, 100), main, 22)
        + _rect((460, 270, 60, 100), main, 22)
        + _rect((175, 300, 290, 66), "#fffaf0", 14)
        + _rect((cushion, 248, 70, 62), accent, 14)
        + _rect((150, 366, 16, 30), _INK, 4)
        + _rect((474, 366, 16, 30), _INK, 4)
    )


def _fridge(draw: random.Random, main: str, accent: str) -> str:
    split = draw.randint(190, 240)
    return (
        _rect((235, 100, 170, 300), "#f8f9fb", 16)
        + _rect((235, split, 170, 5), main, 0)
        + _rect((376, split - 60, 10, 40), main, 5)
        + _rect((376, split + 30, 10, 70), main, 5)
        + _rect((258, 130, 34, 34), accent, 4)
    )


def _bike(draw: random.Random, main: str, accent: str) -> str:
    wheels = "".join(
        f'<circle cx="{x}" cy="350" r="68" fill="none" stroke="{_INK}" stroke-width="9"/>'
        for x in (215, 435)
    )
    seat = draw.randint(215, 235)
    return (
        wheels + f'<path d="M215 350 L280 250 H395 L320 350Z M280 250 L320 350 M395 250 L435 350" '
        f'fill="none" stroke="{main}" stroke-width="11" stroke-linejoin="round"/>'
        f'<path d="M280 250 L272 {seat} M252 {seat} H296 M395 250 L388 212 H424" fill="none" '
        f'stroke="{accent}" stroke-width="11" stroke-linecap="round"/>'
    )


_DRAWINGS: Final = {
    "flat": _flat, "house": _house, "land": _land, "car": _car, "motorbike": _motorbike,
    "phone": _phone, "laptop": _laptop, "console": _console, "sofa": _sofa, "fridge": _fridge,
    "bike": _bike,
}  # fmt: skip
