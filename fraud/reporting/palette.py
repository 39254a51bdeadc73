"""Colours, dashes and marks: families share a hue and a mark; a strategy is drawn alike everywhere.

Hues are those of Okabe and Ito's colour-blind-safe set, in equal lightness steps (OKLCH): every colour has a contrast
of at least 3 with its page. Colour is never the only sign: dashes distinguish members of a family, marks families.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How one strategy is drawn."""

    light: str
    dark: str
    dash: tuple[int, ...]
    mark: str

    @property
    def dasharray(self) -> str:
        """The dash as SVG writes it."""
        return " ".join(map(str, self.dash))


_LIGHT: Mapping[str, tuple[str, ...]] = {
    "none": ("#636363", "#424242", "#868686", "#747474", "#525252", "#333333", "#8f8f8f"),
    "weighting": ("#0064b5", "#00437c", "#2288e8", "#0475d1", "#035397", "#023361", "#2e91f2", "#1b4f86"),
    "oversampling": ("#cd650c", "#8a4200", "#b45700", "#d86d16", "#693002", "#9a4901", "#532300"),
    "undersampling": ("#a32384", "#75005d", "#cc4da9", "#b83997", "#8f0272", "#5c0148", "#d757b3"),
    "combined": ("#04755d", "#044e3e", "#019d7e", "#03886d", "#04614d", "#033d2f", "#1da687"),
    "batch": ("#6c6606", "#494401", "#918a21", "#7f770a", "#5a5503", "#383400", "#9a932d"),
    "baseline": ("#795d46", "#563c26", "#9d7f68", "#8b6e57", "#674c36", "#452c17", "#a78871"),
}
_DARK: Mapping[str, tuple[str, ...]] = {
    "none": ("#b1b1b1", "#d7d7d7", "#8c8c8c", "#9e9e9e", "#c4c4c4", "#e8e8e8", "#808080"),
    "weighting": ("#73b5ff", "#bcdbfd", "#2a8eef", "#4ba2fd", "#9ac8fd", "#d8eaff", "#1881e1", "#5f9ad8"),
    "oversampling": ("#ff9044", "#ffcbac", "#d56a10", "#feaf7f", "#ea7d2e", "#ffe1d0", "#c46007"),
    "undersampling": ("#fd7ad6", "#ffc2e9", "#d354b0", "#e867c3", "#fea1df", "#feddf2", "#c547a3"),
    "combined": ("#4fcaa8", "#7af1ce", "#16a384", "#37b696", "#65ddbb", "#9bffe0", "#029678"),
    "batch": ("#bcb554", "#e3dc7b", "#97902a", "#aaa23f", "#d0c967", "#f4ed8b", "#8b8318"),
    "baseline": ("#caaa92", "#f1d0b7", "#a3856e", "#b69880", "#ddbda4", "#fee2cc", "#977a62"),
}
_DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (4, 4), (12, 3), (1, 4), (5, 2, 1, 2))
_MARKS: Mapping[str, str] = {
    "none": "circle",
    "weighting": "square",
    "oversampling": "triangle-up",
    "undersampling": "triangle-down",
    "combined": "diamond",
    "batch": "cross",
    "baseline": "triangle-right",
}
_SHADE: Mapping[str, int] = {
    name: shade
    for members in (
        (
            "weight-sqrt",
            "weight-inverse",
            "weight-normalized",
            "weight-log",
            "weight-effective",
            "weight-tuned",
            "weight-learned",
            "focal",
        ),
        ("over-random", "over-smote", "over-borderline", "over-adasyn"),
        ("under-random", "under-nearmiss", "under-tomek"),
        ("combined-smote-tomek", "combined-smote-enn", "combined-smote-under"),
        ("batch-balanced",),
        ("gradient-boosting", "logistic-regression"),
    )
    for shade, name in enumerate(members)
}
_ROLES: Mapping[str, tuple[str, int]] = {"champion": ("weighting", 0), "challenger": ("oversampling", 0)}


def style_of(name: str, family: str) -> Style:
    """The style of one strategy: by its name where it is known, else by its family and the letters of its name."""
    family, shade = _ROLES.get(name, (family, _SHADE.get(name, -1)))
    family = family if family in _LIGHT else "none"
    shades = _shades(family)
    if shade < 0:
        shade = 0 if name == family else sum(name.encode()) % len(shades)
    return shades[shade]


def styles_of(strategies: Sequence[Mapping[str, str]]) -> dict[str, Style]:
    """Styles by the name of the strategy; two that would be drawn alike move on to the next free shade."""
    chosen: dict[str, Style] = {}
    for row in strategies:
        name, family = row["name"], row["family"]
        wanted = style_of(name, family)
        family = _ROLES.get(name, (family if family in _LIGHT else "none", 0))[0]
        taken = set(chosen.values())
        chosen[name] = (
            wanted if wanted not in taken else next((one for one in _shades(family) if one not in taken), wanted)
        )
    return chosen


def _shades(family: str) -> list[Style]:
    # NOTE: baselines stand beside every family, so they begin with a dash that no strategy begins with.
    first = 5 if family == "baseline" else 0
    dashes = [_DASHES[(index + first) % len(_DASHES)] for index in range(len(_LIGHT[family]))]
    return [Style(*parts, _MARKS[family]) for parts in zip(_LIGHT[family], _DARK[family], dashes, strict=True)]
