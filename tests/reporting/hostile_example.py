"""A made-up run whose names try to break out of the page, out of Markdown and out of a chart."""

from typing import Any

from examples import evidence, report

SCRIPT = "</script><script>window.broken = true</script><img src=x onerror='window.broken = true'>"


def hostile() -> tuple[dict[str, Any], dict[str, Any]]:
    """Names and texts that try to break out of the page, out of Markdown and out of a chart's expressions."""
    nasty, curves = report(), evidence()
    names = {"none": f"none'\"]{SCRIPT}", "under-random": "under|`x`[a](javascript:alert(1))"}
    nasty["run_id"] = f"run{SCRIPT}"
    nasty["dataset"]["name"] = f"{SCRIPT}{{{{ 7 * 7 }}}}"
    nasty["answer"]["text"] = f"Weigh {SCRIPT}. | # not a heading"
    nasty["warnings"] = [f"{SCRIPT} \u202egnp.exe \x00 \U0001f4a5"]
    nasty["provenance"]["dumps"][0]["file"] = f"{SCRIPT}.csv"
    nasty["clusters"]["kind"] = SCRIPT
    for row in nasty["strategies"]:
        row["recall_by_type"][0]["fraud_type"] = SCRIPT
        row["recall_by_type"][1]["fraud_type"] = "long " * 2_000
        row["name"] = names.get(row["name"], row["name"])
    for row in nasty["comparisons"]:
        row |= {side: names.get(row[side], row[side]) for side in ("a", "b")}
    for part in ("budget", "precision_recall", "reliability", "curves", "breakdowns"):
        curves[part] = {names.get(name, name): curve for name, curve in curves[part].items()}
    for day in curves["daily"]:
        day |= {key: {names.get(name, name): n for name, n in day[key].items()} for key in ("achieved", "caught")}
    curves["breakdowns"]["weight-sqrt"]["novelty"][0]["group"] = SCRIPT
    curves["examples"]["weight-sqrt"]["missed"][0]["entities"] = {SCRIPT: f"=1+1{SCRIPT}", "terminal": "\u202egnp.exe"}
    curves["importance"]["features"][0]["feature"] = SCRIPT
    curves["quarantine"] = {SCRIPT: 3}
    curves["fairness"][0]["notes"] = [SCRIPT]
    curves["config_toml"] += f'note = "{SCRIPT}"\n'
    return nasty, curves
