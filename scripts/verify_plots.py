"""Plots of docs/verification.md, and the names that they share with its tables. `m` is verify_report.Measured, `bench`
holds figures of other codes by (problem, scheme, quantity)."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

SCHEMES = ["ppm6_sel", "ppm6_pd", "ppm6_lin", "ppm_cw84", "upwind1"]
COLOUR = dict(zip(SCHEMES, ["#1b5e8c", "#d1662a", "#4c9a5b", "#8e4a9e", "#8a8f98"]))
A, B, C, E5 = ("zalesak", "cone 6 turns", "deformation T=1.5 composite N=128", "deformation T=5 bell N=")
C3, MIXING, TAGS = "deformation T=1.5 C3 bell", "mixing N=120", "three tags, T=5 N=100"
FLAT, SLOPING, BELL, LAYER = "hills, flat at the walls", "hills, sloping", "hills, bell there and back", "hills, layer there and back"


def slotted(m, _):
    figure, axes = plt.subplots(2, 3, figsize=(8.4, 5.6), constrained_layout=True)
    for axis, name in zip(axes.flat, ["exact", *SCHEMES]):
        q = m.fields[A + " 6 turns", name]
        drawn = axis.imshow(q[45:, 20:80], origin="lower", extent=(0.2, 0.8, 0.45, 1), vmin=-0.2, vmax=1.2, cmap="RdYlBu_r")
        axis.set_title(f"{name}: {q.min():.2f} to {q.max():.2f}", fontsize=9)
        axis.tick_params(labelsize=7)
    figure.colorbar(drawn, ax=axes, shrink=0.7)
    return figure


def peers(m, bench):
    wanted = [(A + " 1 turn", "cylinder,\n1 turn"), (A + " 6 turns", "cylinder,\n6 turns"), (B, "cone,\n6 turns"),
              (C, "composite,\nT=1.5 N=128"), (E5 + "100", "bell,\nT=5 N=100"), (E5 + "200", "bell,\nT=5 N=200")]
    figure, axis = plt.subplots(figsize=(8.4, 3.2), constrained_layout=True)
    x = np.arange(len(wanted))
    rows = [(s, [m.get(p, s, "l2") for p, _ in wanted], COLOUR[s]) for s in SCHEMES[:4]]
    if bench:
        rows.append(("kernel of CMAQ 5.5", [bench[p, "cmaq", "l2"] for p, _ in wanted], "#22252b"))
    for k, (name, values, colour) in enumerate(rows):
        axis.bar(x + (k - 2) * 0.16, values, 0.15, label=name, color=colour)
    axis.set(yscale="log", ylabel="l2", xticks=x)
    axis.set_xticklabels([label for _, label in wanted], fontsize=8)
    axis.legend(fontsize=8, ncol=5, loc="upper center", bbox_to_anchor=(0.5, 1.16), frameon=False)
    return figure


def order(m, bench):
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), constrained_layout=True)
    for s in SCHEMES:
        left.loglog(*m.series[C3, s, "l2"], "o-", ms=3, color=COLOUR[s], label=s)
        right.plot(*m.series["large Courant numbers", s, "l1"], "o-", ms=3, color=COLOUR[s])
    n = np.array([45, 256])
    for power in (2, 3):
        left.loglog(n, 0.08 * (45 / n) ** power, "k:", lw=0.8)
        left.annotate(f"N$^{{-{power}}}$", (262, 0.08 * (45 / 256) ** power), fontsize=8, va="center")
    other = [(314.16 / float(k[2]), v) for k, v in bench.items() if k[0] == "large Courant numbers" and float(k[2]) > 50]
    if other:
        right.plot(*zip(*other), "x", color="#22252b", ms=6, label="ppm_cw84, another code")
        right.legend(fontsize=8, frameon=False)
    left.set(xlabel="N", ylabel="l2", title="C3 bell, T = 1.5", xticks=[32, 64, 128, 256], xlim=(29, 330))
    left.set_xticklabels(["32", "64", "128", "256"])
    left.minorticks_off()
    left.legend(fontsize=8, frameon=False)
    right.set(xlabel="largest Courant number", ylabel="l1", yscale="log", title="slotted cylinder, 1 turn")
    return figure


def column(m, _):
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.6), constrained_layout=True)
    for t, colour in zip((300, 900, 3600), ("#d1662a", "#4c9a5b", "#1b5e8c")):
        key = f"K_unstable, t = {t} s"
        z, q = (m.series[key, "exact", "q"][k] for k in (0, 1))
        left.plot(q, z, "-", color=colour, label=f"{t} s")
        left.plot(m.series[key, "TR-BDF2", "q"][1], z, "o", ms=3.5, color=colour)
        left.plot(m.series[key, "backward Euler", "q"][1], z, "+", ms=5, color=colour)
    left.set(xlabel="mixing ratio", ylabel="height (m)", ylim=(0, 1800), xlim=(0, 0.11), title="unstable column: line exact")
    left.plot([], [], "ko", ms=3.5, label="TR-BDF2")
    left.plot([], [], "k+", ms=5, label="backward Euler")
    left.legend(fontsize=8, frameon=False)
    for case, dash in (("K_unstable", "-"), ("K_stable", "--")):
        for s, colour in (("backward Euler", "#d1662a"), ("TR-BDF2", "#1b5e8c")):
            t = sorted({float(k[1].split("= ")[1][:-2]) for k in m.values if k[1].startswith(case)})
            right.loglog(t, [m.get(f"{case}, t = {x:g} s", s, "linf") for x in t], dash, marker="o", ms=3, color=colour,
                         label=f"{s}, {case[2:]}")
    right.set(xlabel="time (s)", ylabel="linf", title="error, steps of 300 s", ylim=(1e-9, 5))
    right.legend(fontsize=8, frameon=False, loc="lower left")
    return figure


def velocity(m, _):
    figure, axis = plt.subplots(figsize=(5.4, 3.4), constrained_layout=True)
    for s, colour in (("zhang2001", "#d1662a"), ("emerson2020", "#1b5e8c")):
        d, v = m.series["deposition velocity", s, "kernel"]
        axis.loglog(d, 100 * v, "-", color=colour, label=s)
        axis.loglog(d, 100 * m.series["deposition velocity", s, "table"][1], "o", ms=4, mfc="none", color=colour)
    axis.plot([], [], "ko", ms=4, mfc="none", label="table")
    axis.set(xlabel="diameter (µm)", ylabel="deposition velocity (cm s$^{-1}$)", title="crops, friction velocity 0.3 m s$^{-1}$")
    axis.legend(fontsize=8, frameon=False)
    return figure


def plume(m, _):
    figure, axis = plt.subplots(figsize=(5.4, 3.4), constrained_layout=True)
    cases = dict.fromkeys(k[0] for k in m.series if k[0].startswith("power-law plume"))
    for p, colour in zip(cases, COLOUR.values()):
        x, exact = m.series[p, "exact", "ground"]
        keep = exact > 0
        axis.loglog(x[keep] / 1e3, exact[keep], "-", color=colour, label=p.removeprefix("power-law plume "))
        axis.loglog(x[keep] / 1e3, m.series[p, "30 levels", "ground"][1][keep], "o", ms=4, mfc="none", color=colour)
    axis.plot([], [], "ko", ms=4, mfc="none", label="30 levels")
    axis.set(xlabel="distance (km)", ylabel="1 m above ground (s m$^{-2}$)", ylim=(1e-6, 1e-2))
    axis.legend(fontsize=8, frameon=False)
    return figure


def hills(m, _):
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.4), constrained_layout=True)
    for s in SCHEMES:
        left.loglog(*m.series[FLAT, s, "l2"], "o-", ms=3, color=COLOUR[s], label=s)
        left.loglog(*m.series[SLOPING, s, "l2"], "o--", ms=3, lw=0.8, mfc="none", color=COLOUR[s])
        right.loglog(*m.series[BELL, s, "l2"], "o-", ms=3, color=COLOUR[s], label=s)
    left.plot([], [], "k--", lw=0.8, label="sloping at the walls")
    n = np.array([24, 96])
    for axis, start, power in ((left, 0.4e-3, 2), (right, 2e-3, 3)):
        axis.loglog(n, start * (24 / n) ** power, "k:", lw=0.8)
        axis.annotate(f"N$^{{-{power}}}$", (98, start * 0.25**power), fontsize=8, va="center")
    for axis, title in ((left, "manufactured"), (right, "bell there and back")):
        axis.set(xlabel="N", ylabel="l2", title=title, xticks=[12, 24, 48, 96], xlim=(11, 125))
        axis.set_xticklabels(["12", "24", "48", "96"])
        axis.minorticks_off()
        axis.legend(fontsize=7, frameon=False)
    return figure


def draw(name, m, bench, path):
    figure = {"slotted": slotted, "peers": peers, "order": order, "column": column, "velocity": velocity,
              "plume": plume, "hills": hills}[name](m, bench)
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
