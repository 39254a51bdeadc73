"""A strategy is drawn alike everywhere, families share a hue, and nothing is too pale to see."""

import colorsys

import pytest

from fraud.reporting.palette import Style, style_of, styles_of

PAGES = {"light": "#ffffff", "dark": "#14181d"}
FAMILIES = {
    "none": ["none"],
    "weighting": [
        *("weight-inverse", "weight-normalized", "weight-sqrt", "weight-log", "weight-effective"),
        *("weight-tuned", "weight-learned", "focal"),
    ],
    "oversampling": ["over-random", "over-smote", "over-borderline", "over-adasyn"],
    "undersampling": ["under-random", "under-nearmiss", "under-tomek"],
    "combined": ["combined-smote-tomek", "combined-smote-enn", "combined-smote-under"],
    "batch": ["batch-balanced"],
    "baseline": ["gradient-boosting", "logistic-regression"],
}
EVERYTHING = [{"name": name, "family": family} for family, names in FAMILIES.items() for name in names]


def luminance(colour: str) -> float:
    """Relative luminance of a colour, by WCAG 2.2."""
    parts = (int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def hue(colour: str) -> float:
    """Hue in degrees."""
    return 360 * colorsys.rgb_to_hsv(*(int(colour[position : position + 2], 16) / 255 for position in (1, 3, 5)))[0]


@pytest.mark.parametrize("scheme", PAGES)
def test_every_colour_stands_out_from_its_page(scheme: str) -> None:
    for one in styles_of(EVERYTHING).values():
        bright, dim = sorted((luminance(getattr(one, scheme)), luminance(PAGES[scheme])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, one


def test_no_two_strategies_are_drawn_alike() -> None:
    found = styles_of(EVERYTHING)
    assert len(set(found.values())) == len(EVERYTHING)
    assert len({(one.light, one.dash) for one in found.values()}) == len(EVERYTHING)


def test_a_family_shares_mark_and_hue() -> None:
    found = styles_of(EVERYTHING)
    for family, names in FAMILIES.items():
        assert len({found[name].mark for name in names}) == 1
        if family != "none":
            hues = [hue(found[name].light) for name in names]
            assert max(hues) - min(hues) < 40, family
    assert len({found[names[0]].mark for names in FAMILIES.values()}) == len(FAMILIES)


def test_a_known_strategy_is_drawn_the_same_in_any_company() -> None:
    alone = styles_of([{"name": "over-smote", "family": "oversampling"}])
    assert alone["over-smote"] == styles_of(EVERYTHING)["over-smote"] == style_of("over-smote", "oversampling")


def test_unknown_strategies_get_styles_of_their_own() -> None:
    strangers = [{"name": f"weight-{n}", "family": "weighting"} for n in range(6)]
    found = styles_of(strangers)
    assert len(set(found.values())) == 6
    assert isinstance(style_of("anything", "a family of tomorrow"), Style)
