"""Fits the polynomials of crates/cpu/src/kernels/vector_math by Remez exchange.

Needs mpmath (pip install mpmath). Prints, for each polynomial, its largest weighted error and its
coefficients, the constant one first, rounded to float32 and to float64.
"""

import struct

import mpmath as m
from mpmath import lu_solve, matrix, mp, mpf

mp.dps = 40
GRID = 600


def remez(f, weight, powers, low, high):
    """The coefficients c that minimise the largest weight(x) |f(x) - sum of c[k] x^powers[k]|."""
    n = len(powers)
    low, high = mpf(low), mpf(high)
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle - half * m.cos(m.pi * (2 * i + 1) / (2 * (n + 1))) for i in range(n + 1)]
    grid = [middle - half * m.cos(m.pi * i / GRID) for i in range(GRID + 1)]
    values = [f(x) for x in grid]
    weights = [weight(x) for x in grid]
    for _ in range(12):
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(points):
            for k, power in enumerate(powers):
                system[i, k] = x**power
            system[i, n] = (-1) ** i / weight(x)
            right[i] = f(x)
        solution = lu_solve(system, right)
        c = [solution[k] for k in range(n)]
        errors = [
            w * (y - sum(ck * x**p for ck, p in zip(c, powers)))
            for x, y, w in zip(grid, values, weights)
        ]
        # The largest error between each two changes of sign.
        extrema, current = [], 0
        for i in range(1, len(grid)):
            if (errors[i] > 0) != (errors[current] > 0):
                extrema.append(current)
                current = i
            elif abs(errors[i]) > abs(errors[current]):
                current = i
        extrema.append(current)
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        largest = max(abs(e) for e in errors)
        if len(extrema) < n + 1 or largest < 1.0005 * min(abs(errors[i]) for i in extrema):
            return c, largest
        points = [grid[i] for i in extrema]
    return c, largest


def show(name, f, limit, weight, powers, low, high):
    """Fits and prints; `limit` is the value of f at 0, around which its formula cancels."""
    c, largest = remez(lambda x: limit if abs(x) < 1e-12 else f(x), weight, powers, low, high)
    float32 = [struct.unpack("f", struct.pack("f", float(x)))[0] for x in c]
    print(f"{name}: largest error 2^{float(m.log(largest, 2)):.2f}")
    print("  float32:", ", ".join(map(repr, float32)))
    print("  float64:", ", ".join(repr(float(x)) for x in c))


def evens(count):
    return [2 * k for k in range(count)]


# Weights turn the error of the fitted function into that of the result; the small constants keep them
# away from 0, where the exchange would divide by them.
HALF_LN_2 = m.log(2) / 2 * mpf("1.002")
QUARTER_PI = m.pi / 4 * mpf("1.001")
ROOTS = (m.sqrt(mpf("0.5")) - mpf("1.0001"), m.sqrt(2) - mpf("0.9999"))
one = lambda x: mpf(1)
square = lambda x: x * x + mpf("1e-4")

f = lambda r: (m.expm1(r) - r) / r**2
show("EXP", f, mpf(1) / 2, lambda r: r * r + mpf("1e-3"), range(5), -HALF_LN_2, HALF_LN_2)
show("EXPM1", f, mpf(1) / 2, lambda r: abs(r) + mpf("1e-2"), range(5), -HALF_LN_2, HALF_LN_2)
f = lambda x: (m.log1p(x) - x + x * x / 2) / x**3
show("LOG", f, mpf(1) / 3, square, range(9), *ROOTS)
f = lambda x: (m.tanh(x) - x) / x**3
show("TANH", f, -mpf(1) / 3, square, evens(6), 0, mpf("0.625"))
f = lambda x: m.erf(x) / x - 1
show("erf NEAR", f, 2 / m.sqrt(m.pi) - 1, one, evens(7), 0, mpf("0.9375"))
show("erf FAR", lambda x: m.log(m.erfc(x)), None, m.erfc, range(8), mpf("0.92"), 4)
f = lambda x: (m.sin(x) - x) / x**3
show("SINE", f, -mpf(1) / 6, square, evens(4), 0, QUARTER_PI)
f = lambda x: (m.cos(x) - 1 + x * x / 2) / x**4
show("COSINE", f, mpf(1) / 24, lambda x: x**4 + mpf("1e-4"), evens(4), 0, QUARTER_PI)
f = lambda x: (m.atan(x) - x) / x**3
show("ATAN", f, -mpf(1) / 3, square, evens(12), 0, 1)
f = lambda s: m.log((1 + s) / (1 - s), 2) / s
show("LOG2", f, 2 / m.log(2), one, evens(6), 0, mpf("0.17165"))
show("EXP2", lambda x: mpf(2) ** x, mpf(1), one, range(9), mpf("-0.5"), mpf("0.5"))
