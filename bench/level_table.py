#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Throughput, size and memory for compression levels and fragment sizes, as a Markdown table.

usage: level_table.py PIPELINE_BENCH [MB = 60] [--svg FILE]
"""
import re
import subprocess
import sys

LEVELS = range(1, 10)
FRAGMENTS = ("128KiB", "256KiB", "512KiB", "1MiB")
LINE = re.compile(r"^(.{22}) *([\d.]+) MB/s +([\d.]+) CPU ms/MB +([\d.]+) % of JSON +([\d.]+) MiB")


def run(bench, megabytes, level, fragment):
    output = subprocess.run(
        [bench, str(megabytes), "1", "1", f"compression_level={level}",
         f"fragment_bytes={fragment}"], capture_output=True, text=True, check=True).stdout
    parts = {}
    for line in output.splitlines():
        if found := LINE.match(line):
            parts[found.group(1).strip()] = [float(x) for x in found.groups()[1:]]
    return parts


def svg(points, path):
    """Speed against size, a line for each fragment size."""
    width, height, margin = 640, 400, 60
    speeds = [p[2] for p in points]
    sizes = [p[3] for p in points]
    left, right = min(sizes) * 0.98, max(sizes) * 1.02
    top = max(speeds) * 1.05
    colours = dict(zip(FRAGMENTS, ("#b03060", "#3060b0", "#308040", "#a07020")))

    def place(size, speed):
        return (margin + (size - left) / (right - left) * (width - 2 * margin),
                height - margin - speed / top * (height - 2 * margin))

    text = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            'font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{width / 2}" y="{height - 15}" text-anchor="middle">compressed size relative '
            'to zlib 6 as one stream</text>',
            f'<text x="15" y="{height / 2}" text-anchor="middle" '
            f'transform="rotate(-90 15 {height / 2})">speed, times zlib 6 in one thread</text>']
    for row, fragment in enumerate(FRAGMENTS):
        mine = [p for p in points if p[1] == fragment]
        path_text = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(p[3], p[2]) for p in mine))
        text.append(f'<polyline fill="none" stroke="{colours[fragment]}" points="{path_text}"/>')
        text.append(f'<text x="{width - margin - 60}" y="{margin + 16 * row}" '
                    f'fill="{colours[fragment]}">{fragment}</text>')
        for level, _, speed, size, _ in mine:
            x, y = place(size, speed)
            text.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colours[fragment]}"/>')
            if fragment == "256KiB":
                text.append(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}">{level}</text>')
    text.append("</svg>")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(text) + "\n")


def main():
    bench = sys.argv[1]
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 60
    points = []
    print("| level | fragment | speed, × zlib 6 in one thread | size, relative to zlib 6 | peak, MiB over the "
          "loop without actors |\n|---|---|---|---|---|")
    for level in LEVELS:
        for fragment in FRAGMENTS:
            parts = run(bench, megabytes, level, fragment)
            ours, zlib6 = parts["pipeline"], parts["encoder + zlib 6"]
            loop = parts["loop without actors"]
            point = (level, fragment, ours[0] / zlib6[0], ours[2] / zlib6[2], ours[3] - loop[3])
            points.append(point)
            print(f"| {level} | {fragment} | {point[2]:.2f} | {point[3]:.3f} | {point[4]:.0f} |",
                  flush=True)
    if "--svg" in sys.argv:
        svg(points, sys.argv[sys.argv.index("--svg") + 1])


main()
