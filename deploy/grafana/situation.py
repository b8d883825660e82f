"""The dashboard *Situation*: what monitors watch. All of it is assessed from what sources allege."""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.grafana.parts import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    RED,
    WIDTH,
    Query,
    Said,
    bars,
    choice,
    figure,
    grown,
    lines,
    matrix,
    page_variable,
    rows,
    run_variable,
    steps,
    to_incidents,
    words,
)

RUN = 'run="$run"'
AGREEMENT = f'agreement="$agreement", {RUN}'
OURS = f'{AGREEMENT}, party=~"$party"'
WATERMARK = f"max(cohstream_watermark_timestamp_seconds{{{RUN}}})"
UNDER_DEFAULT = "Under the agreement's default coverage policy."
PARTY = "${__field.labels.party}"
DAY = 86_400


def violations(offset: str = "") -> str:
    """Incidents assessed as a violation per party, with 0 for a declared party that has none."""
    return f'sum by (party) (cohstream_assessments{{{OURS}, verdict="VIOLATION"}}{offset})'


VIOLATIONS = violations()


def situation() -> Dashboard:
    dashboard = (
        Dashboard("cohstream: Situation")
        .uid("cohstream-situation")
        .description("Violations of an agreement as assessed from what sources allege. Counts fall when reports do.")
        .tags(["cohstream"])
        .time("now-7d", "now")
        .refresh("30s")
        .readonly()
        .with_variable(
            choice("agreement", "Agreement", "The agreement held against.", f"cohstream_assessments{{{RUN}}}")
        )
        .with_variable(
            choice("party", "Party", "Parties, and who is none.", f"cohstream_assessments{{{AGREEMENT}}}", several=True)
        )
        .with_variable(
            choice(
                "policy",
                "Coverage policy",
                "How strikes beside an excluded group count; for the panels that name it.",
                f"cohstream_policy_violations{{{AGREEMENT}}}",
            )
        )
        .with_variable(run_variable())
        .with_variable(page_variable())
    )
    for title, panels in (
        ("What holds", _what_holds()),
        ("Violations assessed", _violations()),
        ("What is contested, and under which reading", _contested()),
        ("Where, and what was hit", _where()),
        ("What has changed", _changes()),
        ("Who is heard, and who is not", _heard()),
    ):
        dashboard.with_row(Row(title))
        for panel in panels:
            dashboard.with_panel(panel)
    return dashboard


def _what_holds() -> list[Any]:
    valid_from = f"max(cohstream_agreement_valid_from_timestamp_seconds{{{AGREEMENT}}})"
    until = "max(cohstream_agreement_valid_until_timestamp_seconds{%s, claim=%s})"
    first, last = (until % (AGREEMENT, f'"{claim}"') for claim in ("first", "last"))
    in_force = Query(
        f"({WATERMARK} >= bool {valid_from}) * (({WATERMARK} < bool {first}) + ({WATERMARK} < bool {last}))",
        "at the watermark",
    )
    ruleset = f"max by (title, status, default_policy) (cohstream_ruleset_info{{{AGREEMENT}}})"
    attention = 'sum by (alertname, severity, party) (ALERTS{alertstate="firing"})'
    return [
        figure(
            Said(
                "Agreement in force",
                "Whether the agreement holds at the latest event known, by its own text and the ends that authorities "
                "claim. Disputed: some say that it is over, others that it is not.",
            ),
            in_force,
        ).mappings(words({"0": ("Not in force", GREY), "1": ("Disputed", AMBER), "2": ("In force", GREEN)})),
        figure(
            Said("Agreement", "Title, status of the text, and default coverage policy.", none="none loaded"),
            Query(ruleset, "{{title}}: {{status}}, {{default_policy}}"),
            span=9,
            name=True,
        ),
        figure(
            Said(
                "Latest event known",
                "The watermark: latest start of an event or presence that is currently claimed. Windows of 24 h and "
                "7 d look back from here, not from now.",
                unit="dateTimeAsIso",
            ),
            Query(f"{WATERMARK} * 1000", "watermark"),
            span=5,
        ),
        figure(
            Said(
                "Figures complete",
                "Whether every partition is believed by exactly one worker. While it says no, sums are too low or too "
                "high: wait before you read a fall as a fall.",
            ),
            Query(f"sum(cohstream_owned_partitions{{{RUN}}}) == bool max(cohstream_partitions{{{RUN}}})", "complete"),
            span=4,
        ).mappings(words({"0": ("No", RED), "1": ("Yes", GREEN)})),
        rows(
            Said("Alerts that fire", "From deploy/prometheus/rules; what to do: docs/panels.md.", none="none fires"),
            Query(attention),
            {"severity": "Severity", "alertname": "Alert", "party": "Party", "Value": "Series"},
            span=WIDTH,
            height=5,
        ),
    ]


def _violations() -> list[Any]:
    alleged = f'sum by (party) (cohstream_violations{{{OURS}, verification="alleged"}})'
    every = f"(sum by (party) (cohstream_violations{{{OURS}}}) > 0)"
    recent = f"sum by (party, window) (cohstream_violations_recent{{{OURS}}})"
    return [
        bars(
            Said("Violations assessed, per party", f"Incidents assessed as a violation, now. {UNDER_DEFAULT}"),
            Query(VIOLATIONS, "{{party}}"),
        )
        .thresholds(steps((None, BLUE)))
        .data_links(to_incidents(party=PARTY, verdict="VIOLATION")),
        lines(
            Said(
                "Violations assessed, over time",
                "The same as it stood at each moment of the chosen range, so it falls with retractions and "
                f"corrections. {UNDER_DEFAULT} A gap: nothing was known then, which is not zero.",
            ),
            Query(VIOLATIONS, "{{party}}"),
        ).data_links(to_incidents(party=PARTY, verdict="VIOLATION")),
        matrix(
            Said(
                "Violations assessed, last 24 h and 7 d of event time",
                f"Those that began within 24 hours and 7 days before the latest event known. {UNDER_DEFAULT}",
            ),
            Query(recent),
            row="party",
            column="window",
            span=8,
        ).data_links(to_incidents(verdict="VIOLATION")),
        matrix(
            Said("Verdicts assessed, per party", f"All incidents by what they are assessed as. {UNDER_DEFAULT}"),
            Query(f"sum by (party, verdict) (cohstream_assessments{{{OURS}}})"),
            row="party",
            column="verdict",
            span=8,
            stacked=True,
        ).data_links(to_incidents()),
        bars(
            Said(
                "Alleged only, share of violations assessed",
                "Violations that no second independent source confirms, of all assessed as such. A party without any "
                f"is absent. {UNDER_DEFAULT}",
                unit="percentunit",
            ),
            Query(f"{alleged} / {every}", "{{party}}"),
            span=8,
        )
        .max(1)
        .thresholds(steps((None, GREEN), (0.5, AMBER), (0.9, RED)))
        .data_links(to_incidents(party=PARTY, verdict="VIOLATION")),
    ]


def _contested() -> list[Any]:
    policy = f'{OURS}, policy="$policy"'
    bounds = f"sum by (party, bound) (cohstream_policy_violations{{{policy}}})"
    all_policies = f"sum by (policy, bound) (cohstream_policy_violations{{{OURS}}})"
    open_ = f'sum by (party) (cohstream_assessments{{{OURS}, verdict="%s"}})'
    possible = f'(sum by (party) (cohstream_assessments{{{OURS}, verdict=~"VIOLATION|CONTESTED|UNDETERMINED"}}) > 0)'
    return [
        matrix(
            Said(
                "Proven minimum to possible maximum, under $policy",
                "Assessed violations (min), and these with what is contested or undetermined (max), under the chosen "
                "coverage policy.",
            ),
            Query(bounds),
            row="party",
            column="bound",
            span=8,
        ).data_links(to_incidents(policy="${policy}")),
        lines(
            Said(
                "Range over time, under $policy",
                "Proven minimum and possible maximum of assessed violations as they stood at each moment.",
            ),
            Query(f'sum by (party) (cohstream_policy_violations{{{policy}, bound="min"}})', "{{party}}: proven"),
            Query(f'sum by (party) (cohstream_policy_violations{{{policy}, bound="max"}})', "{{party}}: possible"),
            span=8,
        ).data_links(to_incidents(policy="${policy}", party=PARTY)),
        matrix(
            Said(
                "Range under every coverage policy",
                "What the choice of policy alone makes of the same reports: assessed violations of the chosen parties "
                "together, proven minimum and possible maximum.",
            ),
            Query(all_policies),
            row="policy",
            column="bound",
            span=8,
        ),
        bars(
            Said(
                "Contested share, assessed",
                "Contested incidents of all that are, or may be, violations. A party without any is absent. "
                f"{UNDER_DEFAULT}",
                unit="percentunit",
            ),
            Query(f"{open_ % 'CONTESTED'} / {possible}", "{{party}}"),
        )
        .max(1)
        .thresholds(steps((None, GREEN), (0.25, AMBER), (0.5, RED)))
        .data_links(to_incidents(party=PARTY, verdict="CONTESTED")),
        bars(
            Said(
                "Undetermined share, assessed",
                "Incidents of which too little is known, of all that are, or may be, violations. "
                f"{UNDER_DEFAULT} No known culprit: party undetermined.",
                unit="percentunit",
            ),
            Query(f"{open_ % 'UNDETERMINED'} / {possible}", "{{party}}"),
        )
        .max(1)
        .thresholds(steps((None, GREEN), (0.25, AMBER), (0.5, RED)))
        .data_links(to_incidents(party=PARTY, verdict="UNDETERMINED")),
    ]


def _where() -> list[Any]:
    names = f"max by (area, name) (cohstream_area_info{{{RUN}}})"
    by_area = f"sum by (area) (cohstream_violations_by_area{{{OURS}}}) * on (area) group_left (name) {names}"
    return [
        bars(
            Said("Violations assessed, by governorate", f"{UNDER_DEFAULT} Where nothing was ever assessed is absent."),
            Query(f"sort_desc({by_area})", "{{name}}"),
            span=8,
            height=10,
        )
        .thresholds(steps((None, BLUE)))
        .data_links(to_incidents(area="${__field.labels.area}", verdict="VIOLATION")),
        bars(
            Said(
                "Attacks alleged on protected sites",
                "Incidents in which a hospital, school, camp, place of worship or the like was hit, whatever the "
                "verdict: a concern under the laws of war beside the agreement.",
            ),
            Query(f"sum by (target) (cohstream_protected_site_incidents{{{OURS}}})", "{{target}}"),
            span=8,
            height=10,
        )
        .thresholds(steps((None, GREY), (1, RED)))
        .data_links(to_incidents()),
        rows(
            Said(
                "Alleged incidents that no clause speaks of",
                f"Gaps in the text: conduct and weapon that the agreement does not regulate. {UNDER_DEFAULT}",
                none="none so far",
            ),
            Query(f"sum by (conduct, weapon) (cohstream_unregulated_incidents{{{AGREEMENT}}})"),
            {"conduct": "Conduct", "weapon": "Weapon", "Value": "Incidents"},
            span=8,
            height=10,
        ),
    ]


def _changes() -> list[Any]:
    changes = f"cohstream_assessment_changes_total{{{AGREEMENT}}}"
    return [
        bars(
            Said(
                "Changes of assessments in the chosen range",
                "How many assessments were new, revised or retracted since its beginning. All parties and policies.",
            ),
            Query(f"sum by (change) {grown(changes)}", "{{change}}"),
            span=8,
        ).thresholds(steps((None, BLUE))),
        lines(
            Said("Changes of assessments, over time", "New, revised and retracted assessments, per step of the graph."),
            Query(f"sum by (change) (increase({changes}[$__rate_interval]))", "{{change}}"),
            span=8,
        ),
        bars(
            Said(
                "Violations assessed: difference to the beginning of the range",
                "Below zero: retractions, merges or better attributions took more away than came. "
                f"{UNDER_DEFAULT} Absent where nothing was known then.",
            ),
            Query(f"{VIOLATIONS} - {violations(' offset $__range')}", "{{party}}"),
            span=8,
        )
        .thresholds(steps((None, GREEN), (0, BLUE)))
        .data_links(to_incidents(party=PARTY)),
    ]


def _heard() -> list[Any]:
    latest = f"max by (area) (cohstream_area_watermark_timestamp_seconds{{{RUN}}})"
    names = f"max by (area, name) (cohstream_area_info{{{RUN}}})"
    governorates = f'max by (area, name) (cohstream_area_info{{{RUN}, area!~"unknown|other"}})'
    silence = f"({WATERMARK} - on () group_right () {latest}) * on (area) group_left (name) {names}"
    never = f"({governorates} unless on (area) {latest}) * -1 and on () {WATERMARK}"
    delays = f"cohstream_report_delay_seconds_bucket{{{RUN}}}"
    delay = f"sum by (le) {grown(delays)}"
    accepted = grown(f'cohstream_reports_total{{{RUN}, outcome="accepted"}}')
    return [
        rows(
            Said(
                "Where nobody is heard from",
                "Time between the last event or presence claimed of a governorate and the latest event known anywhere. "
                "Silence is not peace: no reports, or no observers.",
                unit="s",
            ),
            Query(f"sort_desc({silence} or {never})"),
            {"name": "Governorate", "area": "Code", "Value": "Nothing said for"},
            span=8,
            height=10,
        )
        .mappings(words({"-1": ("nothing ever", RED)}))
        .thresholds(steps((None, GREEN), (7 * DAY, AMBER), (14 * DAY, RED)))
        .data_links(to_incidents(area="${__data.fields.Code}")),
        bars(
            Said(
                "Silence of sources",
                "Time since the last report of each registered source was received, of those heard in the range; "
                "`other` is all the rest.",
                unit="s",
            ),
            Query(
                "sort_desc(time() - max by (source) "
                f"(max_over_time(cohstream_last_report_timestamp_seconds{{{RUN}}}[$__range])))",
                "{{source}}",
            ),
            span=8,
            height=10,
        ).thresholds(steps((None, GREEN), (DAY, AMBER), (3 * DAY, RED))),
        bars(
            Said(
                "Delay of reports",
                "From an event's start to the receipt of the report, over the chosen range: half of the reports were "
                "faster than the first, nineteen of twenty than the second.",
                unit="s",
            ),
            Query(f"histogram_quantile(0.5, {delay})", "half"),
            Query(f"histogram_quantile(0.95, {delay})", "19 of 20"),
            span=4,
            height=10,
        ).thresholds(steps((None, GREEN), (2 * DAY, AMBER), (14 * DAY, RED))),
        bars(
            Said("Who reports", "Reports accepted in the chosen range, by the stake of the source.", none="none"),
            Query(f"sum by (source_stake) {accepted}", "{{source_stake}}"),
            span=4,
            height=10,
        ).thresholds(steps((None, BLUE))),
    ]
