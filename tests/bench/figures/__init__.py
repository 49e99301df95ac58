"""All figures, one module each."""

from __future__ import annotations

from tests.bench.figure import Figure
from tests.bench.figures import (
    assignments,
    city_day,
    console_pages,
    coverage,
    decisions,
    dispatcher_start,
    hold_to_wire,
    live_hub_cpu,
    press_over_idle,
    press_to_airborne,
    press_to_order,
    promised_flown,
    routes,
    simulator_fleet,
    simulator_ten_minutes,
    video_bad_link,
    video_browser,
    video_pulled,
    video_viewers,
)


def all_figures() -> dict[str, Figure]:
    """By name, in the order in which they are measured."""
    figures = (
        press_to_order.FIGURE,
        press_over_idle.FIGURE,
        press_to_airborne.FIGURE,
        dispatcher_start.FIGURE,
        live_hub_cpu.FIGURE,
        hold_to_wire.FIGURE,
        simulator_fleet.FIGURE,
        simulator_ten_minutes.FIGURE,
        routes.TIME,
        routes.OPTIMUM,
        coverage.ALL,
        coverage.ONE,
        decisions.TIME,
        decisions.RIVAL,
        assignments.FIGURE,
        *city_day.GAPS,
        city_day.CPU,
        video_browser.GLASS_TO_GLASS,
        video_browser.FIRST_PICTURE,
        video_viewers.FIGURE,
        video_bad_link.FIGURE,
        video_pulled.FIGURE,
        console_pages.SMOOTH,
        console_pages.SMOOTH_P95,
        console_pages.USABLE,
        console_pages.FILTER,
        promised_flown.TIME,
        promised_flown.BATTERY,
    )
    return {figure.name: figure for figure in figures}
