#!/usr/bin/env python3
"""Renders one frame of spheres that turn round each other, better with every pass (Python, standard library only).

    python3 render.py --frame 3 --frames 24 --passes 64

It obeys all three orders of the control file: a preview (written at once from the passes that are done, at so many percent of the size), a checkpoint, and
leaving. The rays of a pass depend on frame and pass alone, so a frame that was interrupted ends with the bytes of an undisturbed one. Without the
orchestrator it is a plain program.
"""
import argparse
import array
import json
import math
import os
import random
import shutil
import struct
import sys
import time
import zlib

RUN = os.environ.get("ORCHESTRATOR_RUN_DIR") or "."


def say(**line):
    """Appends one line to the progress file."""
    if os.environ.get("ORCHESTRATOR_PROGRESS_FILE"):
        with open(os.environ["ORCHESTRATOR_PROGRESS_FILE"], "a") as file:
            file.write(json.dumps(line) + "\n")


def orders(seen):
    """The orders that came since it was asked before; a line that is not whole yet is one of the next time."""
    try:
        with open(os.environ.get("ORCHESTRATOR_CONTROL_FILE") or "", "rb") as file:
            file.seek(seen[0])
            text = file.read()
    except FileNotFoundError:
        return []
    text = text[: text.rfind(b"\n") + 1]
    seen[0] += len(text)
    return [json.loads(line) for line in text.splitlines()]


def spheres(turn):
    """Centre, radius, colour."""
    around = [turn + third * 2 * math.pi / 3 for third in range(3)]
    return [((math.cos(a), -0.1, 4 + math.sin(a)), 0.55, colour) for a, colour in zip(around, [(0.9, 0.3, 0.2), (0.2, 0.7, 0.4), (0.3, 0.4, 0.9)])]


def nearest(origin, ray, things):
    """Distance and sphere that the ray meets first, or None."""
    best = None
    for thing in things:
        centre, radius, _ = thing
        to = [c - o for c, o in zip(centre, origin)]
        along = sum(t * r for t, r in zip(to, ray))
        inside = radius * radius - sum(t * t for t in to) + along * along
        if inside > 0:
            distance = along - math.sqrt(inside)
            if distance > 1e-4 and (best is None or distance < best[0]):
                best = (distance, thing)
    return best


def colour(ray, things, light):
    met = nearest((0, 0, 0), ray, things)
    if met is None:
        return [0.1 + 0.25 * max(0, ray[1]), 0.12 + 0.3 * max(0, ray[1]), 0.2 + 0.5 * max(0, ray[1])]
    distance, (centre, radius, own) = met
    point = [distance * r for r in ray]
    normal = [(p - c) / radius for p, c in zip(point, centre)]
    bright = sum(n * l for n, l in zip(normal, light))
    if bright > 0 and nearest([p + 1e-3 * n for p, n in zip(point, normal)], light, things):
        bright = 0  # another one stands in its light
    return [c * (0.15 + 0.85 * max(0, bright)) for c in own]


def unit(vector):
    length = math.sqrt(sum(v * v for v in vector))
    return [v / length for v in vector]


def one_pass(number, options, sums):
    """Adds one ray for each pixel, somewhere within it, in the light of a lamp that is not quite a point."""
    rays = random.Random(f"{options.frame}/{number}")
    things = spheres(2 * math.pi * options.frame / options.frames)
    light = unit([1 + 0.3 * rays.random(), 1.5 + 0.3 * rays.random(), -1])
    place = 0
    for y in range(options.height):
        for x in range(options.width):
            ray = unit([(x + rays.random() - options.width / 2) / options.height, (options.height / 2 - y - rays.random()) / options.height, 1])
            for value in colour(ray, things, light):
                sums[place] += value
                place += 1


def picture(path, options, sums, passes, scale=1.0):
    """Writes what there is as a PNG of so many times the size, whole or not at all."""
    width, height = max(1, round(options.width * scale)), max(1, round(options.height * scale))
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            at = 3 * (y * options.height // height * options.width + x * options.width // width)
            rows.extend(min(255, int(255 * math.sqrt(value / passes))) for value in sums[at : at + 3])

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(path + ".partial", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b""))
    os.replace(path + ".partial", path)


def save(passes, options, sums):
    """Writes a checkpoint whole or not at all: NAME.partial/, made durable, renamed to NAME/."""
    name = f"pass-{passes:06d}"
    folder = os.path.join(os.environ.get("ORCHESTRATOR_CHECKPOINT_DIR") or "checkpoints", name)
    if os.path.isdir(folder):
        return
    shutil.rmtree(folder + ".partial", ignore_errors=True)
    os.makedirs(folder + ".partial")
    with open(os.path.join(folder + ".partial", "sums"), "wb") as file:
        sums.tofile(file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(folder + ".partial", folder)
    say(checkpoint=name, step=passes, progress=passes / options.passes)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--frame", type=int, default=1)
    options.add_argument("--frames", type=int, default=24, help="of a whole turn")
    options.add_argument("--width", type=int, default=96)
    options.add_argument("--height", type=int, default=54)
    options.add_argument("--passes", type=int, default=64)
    options.add_argument("--pace", type=float, default=0, help="seconds of rest per pass, to watch it")
    options = options.parse_args()

    passes, sums, seen = 0, array.array("d", bytes(8 * 3 * options.width * options.height)), [0]
    if os.environ.get("ORCHESTRATOR_RESTORE_DIR"):
        restore = os.environ["ORCHESTRATOR_RESTORE_DIR"].rstrip("/")
        passes, sums = int(os.path.basename(restore).split("-")[1]), array.array("d")
        with open(os.path.join(restore, "sums"), "rb") as file:
            sums.fromfile(file, 3 * options.width * options.height)

    while passes < options.passes:
        one_pass(passes, options, sums)
        passes += 1
        time.sleep(options.pace)
        say(progress=passes / options.passes, step=passes)
        for order in orders(seen) if passes < options.passes else []:
            if order["order"] == "preview":
                began = time.monotonic()
                picture(order["path"] + ".png", options, sums, passes, order["level"] / 100)
                say(artifact=os.path.basename(order["path"]) + ".png", quality=order["level"] / 100, seconds=round(time.monotonic() - began, 3))
            elif order["order"] == "checkpoint":
                save(passes, options, sums)
            elif order["order"] == "stop":
                save(passes, options, sums)
                return 85  # checkpointed: continue me

    picture(os.path.join(RUN, "frame.png"), options, sums, passes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
