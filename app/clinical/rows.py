"""The rows of the clinical tables as frozen values: protocols, drugs, effects, scores, alarms, models.

A quantity that a source does not give is None and named in the row's `unset`. Units are in the names or in
the row's `unit`. Numbers that the source writes as whole numbers are floats here too. How each table is to
be read stands at the top of its file in resources/clinical/.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from app.clinical.vitals import Vital

Range = tuple[float, float]
"""Lowest and highest, both included."""

Words = tuple[str, ...]
RateUnit = Literal["mg/kg/h", "mg/h", "mcg/kg/min"]
Priority = Literal["high", "medium", "low"]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every row has in common: frozen, and no key that nobody reads."""


# ---------------------------------------------------------------- protocols


class Adjunct(Row, frozen=True):
    """A drug that a published protocol gives with the infusion."""

    drug: str
    dose: float
    unit: str
    doses: int
    route: str


class Protocol(Row, frozen=True):
    """What the clinic offers: rates in `rate_unit`, doses in `total_dose_unit`; `unset` is to be filled."""

    id: str
    short: str
    code: str
    origin: Literal["clinic-page", "literature"]
    source: str
    provenance: str
    confidence: str
    name: str
    drug: str
    runnable: bool
    page: str = ""
    unset: Words = ()
    not_stated: Words = ()
    rate_unit: RateUnit | None = None
    start_rate: float | None = None
    min_rate: float | None = None
    max_rate: float | None = None
    cap_mg_per_h: float | None = None
    cap_total_mg: float | None = None
    total_dose: float | None = None
    min_total_dose: float | None = None
    total_dose_unit: Literal["mg/kg", "mg"] | None = None
    max_bolus_mg_per_kg: float | None = None
    active_infusion_min: float | None = None
    active_recovery_min: float | None = None
    session_min: float | None = None
    shortest_infusion_min: float | None = None
    infusion_longer_than_min: float | None = None
    infusion_range_min: Range | None = None
    duration_days: float | None = None
    minimum_recovery_min: float | None = None
    recovery_range_min: Range | None = None
    recovery_typical_min: float | None = None
    recovery_experienced_min: float | None = None
    carrier_ml: float | None = None
    carrier_ml_per_h: float | None = None
    pump: str | None = None
    day_ramp_pct: tuple[float, ...] = ()
    sessions_range: tuple[int, int] | None = None
    course_range_weeks: tuple[int, int] | None = None
    weekends_off: bool = False
    early_stop_allowed: bool = False
    maintenance_interval_range: tuple[int, int] | None = None
    maintenance_interval_unit: Literal["week", "month"] | None = None
    maintenance_sessions_range: tuple[int, int] | None = None
    responder_after_sessions: int | None = None
    responder_action: Literal["assess", "stop"] | None = None
    response_fraction_range: Range | None = None
    remission_fraction_range: Range | None = None
    indications: Words = ()
    page_indications: Words = ()
    screening: Words = ()
    settings: Words = ()
    spacing: Words = ()
    adjunct: tuple[Adjunct, ...] = ()
    adjunct_purposes: Words = ()
    monitoring: tuple[Vital, ...] = ()
    monitoring_ecg_rhythm: bool = False
    side_effects: Words = ()
    side_effects_low_dose: Words = ()
    side_effects_high_dose: Words = ()
    side_effect_onset_within_min: float | None = None
    side_effect_last_h: float | None = None
    fasting_solids_h: float | None = None
    fasting_nonclear_liquids_h: float | None = None
    fasting_clear_liquids_h: float | None = None
    escort_required: bool = False
    no_driving_h: float | None = None
    no_heavy_machinery_h: float | None = None
    arrive_before_first_min: float | None = None
    arrive_before_later_min: float | None = None
    bladder_emptied_before: bool = False
    walking_during_infusion: bool | None = None
    toileting: Words = ()
    seating: str | None = None
    environment: Words = ()
    take_home_days: int | None = None
    nearest_published: str | None = None
    cancel_fee_usd: float | None = None
    price_range_usd: Range | None = None


# ---------------------------------------------------------------- drugs


class LabelColour(Row, frozen=True):
    """A syringe label's colour after ISO 26825, by light and in dim mode; stripes mean opposite action."""

    id: str
    hex: str
    dim_hex: str
    name: str
    stripes: bool


class SumRule(Row, frozen=True):
    """How doses of different molecules add up."""

    group: str
    method: Literal["fraction-of-own-session-total"]
    soft_limit: float
    source: str
    confidence: str


class SpecialLimits(Row, frozen=True):
    """Whom the limits of age60_*, *_age65_* and *_below_50_kg hold for."""

    lower_from_years: int
    lowest_from_years: int
    light_below_kg: float
    status: str
    source: str


class Drug(Row, frozen=True):
    """One ingredient with its limits in `unit`. An absent limit means that none was given, never zero."""

    id: str
    name: str
    kind: Literal["treatment", "dose", "infusion", "flow", "fluid"]
    icon: str
    display_source: str
    label_class: str
    role: str
    routes: Words
    schedule: Literal["none", "CII", "CIII", "CIV", "CV"]
    unit: str
    source: str
    confidence: str
    unset: Words = ()
    emergency: bool = False
    usual_order: int | None = None
    dose_steps: tuple[float, ...] = ()
    classes: Words = ()
    sum_group: str | None = None
    reverses: Words = ()
    strengths_mg_per_ml: tuple[float, ...] = ()
    usual_dose_range: Range | None = None
    hard_single: float | None = None
    soft_session_total: float | None = None
    age60_hard_single: float | None = None
    age60_soft_session_total: float | None = None
    label_session_total: float | None = None
    hard_single_iv_below_50_kg_mg_per_kg: float | None = None
    hard_single_age65_or_below_50_kg: float | None = None
    daily_total_mg: float | None = None
    daily_total_liver_or_low_weight_mg: float | None = None
    give_over_min: float | None = None
    interval_at_least_min: float | None = None
    label_interval_at_least_min: float | None = None
    onset_range_min: Range | None = None
    peak_range_min: Range | None = None
    observe_after_min: float | None = None
    sedating: bool = False
    opioid_warning: bool = False
    qt_prolonging: bool = False
    iv_push_forbidden: bool = False
    hold_if_nibp_sys_below: float | None = None
    hold_if_heart_rate_below: float | None = None
    usual_rate_range: Range | None = None
    hard_rate: float | None = None
    loading_mcg_per_kg_range: Range | None = None
    loading_over_min: float | None = None
    soft_rate_mg_per_kg_per_h: float | None = None
    hard_rate_mg_per_kg_per_h: float | None = None
    hard_rate_mg_per_h: float | None = None
    soft_bolus_mg_per_kg: float | None = None
    hard_bolus_mg_per_kg: float | None = None


class Allergy(Row, frozen=True):
    """One line of the pick list; `drug` or `drug_class` say what it bars."""

    id: str
    name: str
    drug: str | None = None
    drug_class: str | None = None


# ---------------------------------------------------------------- side effects and scores


class UiGrade(Row, frozen=True):
    """What the nurse records, 0 to 4."""

    grade: int
    short: str
    text: str


class EmergencyGrade(Row, frozen=True):
    """From which grade on an effect is an emergency."""

    from_grade: int
    status: str
    source: str


class GradeText(Row, frozen=True):
    """A grade of the published scale beside ours; never converted."""

    grade: int
    text: str


class Effect(Row, frozen=True):
    """A side effect that can be noted."""

    id: str
    short: str
    icon: str
    matrix_order: int
    display_source: str
    label: str
    ctcae_terms: Words
    grade_scale: Literal["ctcae-5-paraphrase", "ctcae-5-general", "own"]
    grades: tuple[GradeText, ...]
    stop_at_any_grade: bool
    pages: Words
    scores: Words = ()
    usual_order: int | None = None
    expected: bool = False
    drugs: Words = ()


class Level(Row, frozen=True):
    """One level of a score or item: points, or a code that is not a number."""

    points: int | None = None
    code: str | None = None
    text: str = ""
    acceptable: bool | None = None


class ScoreItem(Row, frozen=True):
    """One item of a summed form."""

    id: str
    levels: tuple[Level, ...]
    unit: str | None = None
    unit_options: Words = ()
    off_baseline_full_at_most: float | None = None
    off_baseline_full_below: float | None = None
    off_baseline_zero_from: float | None = None
    off_baseline_zero_above: float | None = None
    room_air_above: float | None = None
    on_oxygen_at_least: float | None = None
    vitals: tuple[Vital, ...] = ()


class Score(Row, frozen=True):
    """A scored form."""

    id: str
    short: str
    icon: str
    display_source: str
    name: str
    kind: Literal["sum", "level", "number", "category", "named-only"]
    direction: str
    text_status: Literal["paraphrase", "withheld"]
    source: str
    confidence: str
    total_range: tuple[int, int] | None = None
    usual_order: int | None = None
    due_every_min: float | None = None
    due_first_min: float | None = None
    ready_at_least: int | None = None
    each_item_at_least: int | None = None
    treat_at_least: int | None = None
    important_at_least: int | None = None
    important_change_pct_at_least: float | None = None
    important_change_points_at_least: float | None = None
    dissociation_above: int | None = None
    moderate_sedation_range: tuple[int, int] | None = None
    deep_sedation_range: tuple[int, int] | None = None
    item_count: int | None = None
    item_range: tuple[int, int] | None = None
    item_numbers: tuple[int, ...] = ()
    item: tuple[ScoreItem, ...] = ()
    levels: tuple[Level, ...] = ()


class DischargeCriterion(Row, frozen=True):
    """What has to hold before a physician may sign the discharge."""

    id: str
    kind: Literal["score", "vital", "time", "check", "physician"]
    words: str
    answers: Words = ()
    answers_not: Words = ()
    score: str | None = None
    at_least: int | None = None
    at_most: int | None = None
    at_most_baseline: bool = False
    times: int | None = None
    apart_at_least_min: float | None = None
    no_vomiting_for_min: float | None = None
    vital: Vital | None = None
    vitals: tuple[Vital, ...] = ()
    on_room_air: bool = False
    below_baseline_by_at_most: float | None = None
    within_pct_of_baseline: float | None = None
    hold_min: float | None = None
    gap_at_most_s: float | None = None
    physician_may_accept: bool = False
    since: Literal["infusion-end", "last-dose"] | None = None
    protocol_key: str | None = None
    drug_key: str | None = None
    only_if_protocol_key: str | None = None
    no_driving_h: float | None = None


class Section(Row, frozen=True):
    """A part of the instructions; `take_home` only where the protocol sends a drug home."""

    title: str
    lines: Words
    take_home: bool = False


class Instructions(Row, frozen=True):
    """What the patient takes home on paper; braces stand for numbers of other tables."""

    title: str
    lead: str
    phone: str
    phone_words: str
    emergency_number: str
    emergency_words: str
    source: str
    section: tuple[Section, ...]


class DischargeChoices(Row, frozen=True):
    """What the discharge sheet offers to pick."""

    departures: Words
    reasons_transferred: Words
    reasons_against_advice: Words
    accept_reasons: Words
    source: str


class NextVisit(Row, frozen=True):
    """When a patient comes again: what is offered, in days, and the furthest day that is taken."""

    offered_days: tuple[int, ...]
    furthest_days: int
    source: str


# ---------------------------------------------------------------- alarms


class Jump(Row, frozen=True):
    """A change `over` so much, in the unit of its vital sign, `within_s` is believed once it `stays_s`."""

    over: float
    within_s: float
    stays_s: float
    source: str


class AlarmLimits(Row, frozen=True):
    """The limits of one vital sign. Low limits are crossed below, high limits at the value or above."""

    id: Vital
    unit: str
    medium_below: float
    high_below: float
    delay_s: float
    entry_lowest: float
    entry_highest: float
    stale_after_s: float
    possible_range: Range
    chart_range: Range
    action_low: str
    display_source: str
    medium_from: float | None = None
    high_from: float | None = None
    action_high: str = ""
    confirm_below: float | None = None
    confirm_above: float | None = None
    desaturation_below: float | None = None
    desaturation_priority: Priority = "high"
    desaturation_delay_s: float | None = None
    action_desaturation: str = ""
    apnoea_after_s: float | None = None
    apnoea_priority: Priority = "high"
    action_apnoea: str = ""
    kpa_per_mmhg: float | None = None
    suspect_fahrenheit_range: Range | None = None
    jump: Jump | None = None


class ScoreLimit(Row, frozen=True):
    """A score whose low values are an alarm; both limits include their value."""

    score: str
    medium_at_most: int
    high_at_most: int
    action: str
    display_source: str


class RelativeLimit(Row, frozen=True):
    """A limit against the frozen baseline; holds at the percentage and beyond."""

    vital: Vital
    direction: Literal["above", "below"]
    pct: float
    priority: Literal["high", "medium", "low", "advisory"]


class StopRule(Row, frozen=True):
    """When the application proposes to stop; a person stops."""

    id: str
    vital: Vital | None = None
    score: str | None = None
    effects: Words = ()
    below: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    sustained_s: float | None = None
    no_breath_for_s: float | None = None
    confirm_by_repeat: bool = False


class NibpInterval(Row, frozen=True):
    """How often the pressure is measured: closer at first, then routine."""

    routine_s: float
    first_s: float
    first_lasts_min: float


class BaselineRule(Row, frozen=True):
    """How the baseline is made from resting readings."""

    sets_at_least: int
    apart_at_least_min: float
    method: Literal["median"]
    frozen_at: Literal["infusion-start"]
    resting_window_s: float
    resting_source: str


class CrossCheck(Row, frozen=True):
    """When two values that belong together do not fit each other."""

    pulse_pressure_refuse_below_mmhg: float
    pulse_pressure_confirm_below_mmhg: float
    pulse_pressure_confirm_above_mmhg: float
    mean_against_estimate_confirm_above_mmhg: float
    heart_against_pulse_confirm_above_per_min: float


class Formula(Row, frozen=True):
    """A derived value, described; the code that computes it names this id."""

    id: str
    expression: str
    unit: str
    concern_from: float | None = None
    act_from: float | None = None
    advisory_above: float | None = None
    medium_above: float | None = None


class IecSignal(Row, frozen=True):
    """How a priority looks and sounds: the standard's ranges, and what this program plays inside them.

    `spacing_ms` is the standard's x or y, `interburst_s` from the end of a burst to the beginning of the next;
    None: one burst is not followed by another. `bursts` are those of one notice, None: they go on.
    """

    colour: str
    flashing: bool
    pulses_per_burst_range: tuple[int, int]
    pulse_range_ms: Range
    pulses: int
    pulse_ms: float
    spacing_ms: float
    level_db: float
    tone_source: str
    gap_after_fifth_ms: float | None = None
    interburst_s: float | None = None
    bursts: int | None = None
    flash_range_hz: Range | None = None
    duty_range_pct: Range | None = None
    spacing_x_range_ms: Range | None = None
    spacing_y_range_ms: Range | None = None
    gap_after_fifth_range_ms: Range | None = None
    interburst_range_s: Range | None = None
    interburst_longer_than_s: float | None = None


class IecPulse(Row, frozen=True):
    """The sound of one pulse."""

    fundamental_range_hz: Range
    harmonics_at_least: int
    harmonics_range_hz: Range
    harmonics_within_db: float
    rise_time_range_pct_of_pulse: Range
    amplitude_spread_at_most_db: float
    fundamental_hz: float
    harmonics: int
    harmonic_db: float
    rise_pct: float
    fall_pct: float
    counted_from_pct: float
    counted_to_pct: float
    tone_source: str


class IecState(Row, frozen=True):
    """A state that an alarm system can be in; its meaning is in the table's notes."""

    id: str


class IecTable(Row, frozen=True):
    """The signal parameters of IEC 60601-1-8, recalled."""

    max_indicator_distance_m: float
    max_text_distance_m: float
    audio_paused_max_s: float
    loudspeaker_answers_within_s: float
    loudspeaker_lost_after_s: float
    loudspeaker_looked_for_every_s: float
    loudspeaker_source: str
    high: IecSignal
    medium: IecSignal
    low: IecSignal
    pulse: IecPulse
    state: tuple[IecState, ...]


class AlarmFatigue(Row, frozen=True):
    """What keeps alarms from being ignored."""

    renotify_medium_s: float
    sensor_off_after_s: float
    sensor_off_source: str


# ---------------------------------------------------------------- pharmacokinetics


class Metabolite(Row, frozen=True):
    """A metabolite of a reference model; not simulated."""

    id: str
    formed_fraction: float | None = None
    mean_transit_min: float | None = None
    transit_compartments: int | None = None
    v1_l_70: float | None = None
    v2_l_70: float | None = None
    cl_l_per_h_70: float | None = None
    q2_l_per_h_70: float | None = None
    v1_l: float | None = None
    v2_l: float | None = None
    cl_l_per_h: float | None = None
    q2_l_per_h: float | None = None


class PkModel(Row, frozen=True):
    """A pharmacokinetic model; only those with `bedside` may be drawn."""

    id: str
    name: str
    drug: str
    population: str
    bedside: bool
    parameters: Literal["micro", "volumes", "hepatic"]
    compartments: int
    citation: str
    cross_checked: Words
    confidence: str
    unset: Words = ()
    v1_l_per_kg: float | None = None
    k10_per_min: float | None = None
    k12_per_min: float | None = None
    k13_per_min: float | None = None
    k21_per_min: float | None = None
    k31_per_min: float | None = None
    ke0_per_min: float | None = None
    v1_l_70: float | None = None
    v2_l_70: float | None = None
    v3_l_70: float | None = None
    cl_l_per_h_70: float | None = None
    q2_l_per_h_70: float | None = None
    q3_l_per_h_70: float | None = None
    volume_exponent: float | None = None
    clearance_exponent: float | None = None
    v1_l: float | None = None
    v2_l: float | None = None
    v3_l: float | None = None
    q2_l_per_h: float | None = None
    q3_l_per_h: float | None = None
    hepatic_flow_l_per_h: float | None = None
    hepatic_flow_loss_per_year_above_60_l_per_h: float | None = None
    hepatic_v_l: float | None = None
    kel_per_h: float | None = None
    kmet_per_h: float | None = None
    metabolite: tuple[Metabolite, ...] = ()


class PkReference(Row, frozen=True):
    """A paper that the models were held against; its text is in the notes."""

    id: str
    confidence: str


class PkSettings(Row, frozen=True):
    """How the prediction is drawn: from `widen_low` times the lower to `widen_high` times the upper model."""

    recommended: str
    recommended_band: Words
    reference_lines_ng_per_ml: tuple[float, ...]
    hide_after_bolus_min: float
    widen_low: float
    widen_high: float
    widen_source: str
    drawn_after_end_min: float
    drawn_after_end_source: str
    mg_hcl_per_mg_base: float
    molar_mass_base_g_per_mol: float
