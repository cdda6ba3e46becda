"""Learning-rate schedules."""

from makers.notation import find, number

STEPS = [*range(0, 40), 75, 100, 1000, 12345]

# Class and configuration.
TABLE = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.8}),
    ("ExponentialDecay", {"initial_learning_rate": 0.03, "decay_steps": 9, "decay_rate": 0.3, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 10], "values": [0.3, 0.1, 0.02]}),
    ("PiecewiseConstantDecay", {"boundaries": [2.5, 7.5, 30.0], "values": [1.0, 0.5, 0.2, 0.1]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.2, "decay_steps": 13}),
    ("PolynomialDecay", {"initial_learning_rate": 0.2, "decay_steps": 11, "end_learning_rate": 0.05, "power": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.2, "decay_steps": 6, "power": 2.0, "cycle": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.3, "decay_steps": 5, "decay_rate": 0.4}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.3, "decay_steps": 3, "decay_rate": 1.4, "staircase": True}),
    ("CosineDecay", {"initial_learning_rate": 0.3, "decay_steps": 17}),
    ("CosineDecay", {"initial_learning_rate": 0.3, "decay_steps": 17, "alpha": 0.2}),
    ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 12, "warmup_target": 0.3, "warmup_steps": 5}),
    ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 9, "alpha": 0.1, "warmup_target": 0.3, "warmup_steps": 9}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.3, "first_decay_steps": 5}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.3, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.7}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.3, "first_decay_steps": 4, "t_mul": 1.7, "m_mul": 0.8, "alpha": 0.1}),
]


def case(name, config):
    schedule = find(name)(**config)
    rates = [number(schedule(step)) for step in STEPS]
    return {"class": name, "config": config, "steps": STEPS, "expected": {"learning_rate": rates}}


def make(maker):
    for k, (name, config) in enumerate(TABLE):
        # Another seed is another first rate.
        rate = {} if "values" in config else {"initial_learning_rate": config["initial_learning_rate"] * (1 + maker.seed % 7)}
        maker.add(f"{name}/{k}", lambda: case(name, {**config, **rate}))
