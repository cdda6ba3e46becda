"""Layers on images and sound, and those that have no other table. What is random has a range of one number here."""

from makers.layers import FIRST, NONE, SAME, case

FAMILY = "layers"
UNIT = {"value_range": [0, 1]}
TRAIN, TEST = {"training": True}, {"training": False}


def fixed(factor):
    return {"factor": [factor, factor]}


SPECTRUM = {"frame_length": 6, "frame_step": 2}
MODES = "log magnitude psd real imag angle stft".split()
MEL = {"fft_length": 16, "sequence_stride": 5, "sampling_rate": 1000, "num_mel_bins": 4}
PIPELINE = [{"class": "Rescaling", "config": {"scale": 0.5}}, {"class": "RandomBrightness", "config": {**fixed(0.1)}}]

# Class, configuration, letters of the inputs' shapes, and further: call, style, kind of the inputs.
TABLE = [
    *[("RandomHue", {**fixed(1.0), **o}, [s], call, "positional", kind) for o, s, call, kind in (
        (NONE, "b233", NONE, "pixels"), (UNIT, "b233", TRAIN, "unit"), (FIRST, "b323", NONE, "pixels"), (UNIT, "b233", TEST, "unit"))],
    *[("RandomSaturation", {**fixed(f), **o}, [s], NONE, "positional", kind) for f, o, s, kind in (
        (0.6, NONE, "b233", "pixels"), (0.3, UNIT, "b233", "unit"), (0.9, UNIT, "b233", "unit"), (0.5, FIRST, "b323", "pixels"), (1.0, NONE, "b233", "unit"), (-0.5, NONE, "b233", "pixels"))],
    *[("RandomSharpness", {**fixed(f), **o}, [s], NONE, "positional", kind) for f, o, s, kind in (
        (0.0, NONE, "b342", "pixels"), (0.7, NONE, "b342", "pixels"), (1.0, UNIT, "b143", "unit"), (0.2, FIRST, "b234", "pixels"), (0.2, NONE, "342", "pixels"))],
    *[("RandomPosterization", {**fixed(f), **o}, [s], NONE, "positional", kind) for f, o, s, kind in (
        (3, NONE, "b232", "pixels"), (8, NONE, "b232", "pixels"), (1, UNIT, "b232", "unit"), (5, FIRST, "b232", "pixels"))],
    *[("RandomColorJitter", o, [s], NONE, "positional", kind) for o, s, kind in (
        ({"brightness_factor": [0.1, 0.1], "saturation_factor": [0.6, 0.6], "hue_factor": [1.0, 1.0]}, "b233", "pixels"),
        ({"brightness_factor": [-0.1, -0.1], **UNIT}, "b232", "unit"), ({"brightness_factor": [0.2, 0.2], **FIRST}, "b232", "pixels"),
        ({"contrast_factor": 0.0, "hue_factor": [1.0, 1.0], **UNIT}, "b233", "unit"))],
    *[("RandomGaussianBlur", {**fixed(1.0), "sigma": [g, g], **o}, [s], NONE, "positional", kind) for g, o, s, kind in (
        (0.8, NONE, "b452", "pixels"), (1.0, {"kernel_size": [3, 5]}, "b452", "pixels"), (0.5, {"kernel_size": 5, **UNIT}, "b451", "unit"),
        (0.7, FIRST, "b245", "pixels"), (0.0, NONE, "b232", "pixels"))],
    *[("RandomErasing", {**fixed(f), "scale": [1.0, 1.0], **o}, [s], NONE, "positional", "pixels") for f, o, s in (
        (1.0, {"fill_value": 7.5}, "b233"), (1.0, {"fill_value": [1.0, 2.0, 300.0]}, "b233"), (0.0, NONE, "b233"), (1.0, {"fill_value": 3, **FIRST}, "b323"))],
    *[("RandomPerspective", {"scale": 0.0, **fixed(1.0), **o}, [s], NONE, "positional", "pixels") for o, s in (
        (NONE, "b342"), ({"interpolation": "nearest"}, "b342"), (FIRST, "b234"))], ("RandomPerspective", fixed(0.0), ["b342"]),
    ("RandomElasticTransform", fixed(0.0), ["b342"], NONE, "positional", "pixels"), ("RandomElasticTransform", {"scale": [0.0, 0.0]}, ["b342"], NONE, "positional", "pixels"),
    *[(c, o, ["1234"], NONE, "positional", "pixels") for c, o in (("MixUp", NONE), ("MixUp", {"alpha": 0.9}), ("CutMix", NONE), ("CutMix", fixed(0.3)))],
    ("RandAugment", {"num_ops": 0}, ["b343"], NONE, "positional", "pixels"), ("AugMix", {"chain_depth": 0}, ["b343"], NONE, "positional", "pixels"),
    *[(c, NONE if c not in ("RandomHue", "RandomSaturation", "RandomSharpness", "RandomPosterization") else {"factor": 1}, ["b343"], TEST, "positional", "pixels") for c in (
        "RandomHue", "RandomSaturation", "RandomSharpness", "RandomPosterization", "RandomColorJitter", "RandomGaussianBlur", "RandomErasing",
        "RandomElasticTransform", "RandomPerspective", "MixUp", "CutMix", "RandAugment", "AugMix", "Equalization")],
    *[("Equalization", o, [s], NONE, "positional", kind) for o, s, kind in (
        (NONE, "b343", "pixels"), (NONE, "b343", "bytes"), ({"bins": 16}, "b343", "pixels"), ({"bins": 5, **UNIT}, "b343", "unit"), (UNIT, "b561", "unit"),
        (FIRST, "b234", "bytes"), (NONE, "b112", "pixels"), ({"value_range": [-1, 1], "bins": 64}, "b343", "real"), ({"bins": 1}, "b231", "pixels"))],
    *[("ContrastLimitedAdaptiveHistogramEqualization", o, [s], call, "positional", kind) for o, s, call, kind in (
        (NONE, "1882", NONE, "pixels"), (NONE, "1992", NONE, "bytes"), ({"tile_grid_size": [2, 3]}, "b562", NONE, "pixels"), ({"tile_grid_size": [2, 2], "clip_limit": 0.0}, "b562", NONE, "pixels"),
        ({"tile_grid_size": [1, 1], **UNIT}, "b541", NONE, "unit"), ({"tile_grid_size": [3, 2], "clip_limit": 40.0, **FIRST}, "b267", NONE, "bytes"), ({"tile_grid_size": [2, 2]}, "672", TEST, "pixels"))],
    *[("STFTSpectrogram", {**SPECTRUM, "mode": m, **o}, [s]) for m in MODES for o, s in ((NONE, "b92"), ({**SAME, "expand_dims": True}, "b81"))],
    *[("STFTSpectrogram", {**SPECTRUM, **o}, [s]) for o, s in (
        (FIRST, "b29"), ({"mode": "stft", "expand_dims": True, **FIRST, **SAME}, "b29"), ({"window": None, "mode": "real"}, "b92"), ({"fft_length": 16, "mode": "psd"}, "b91"),
        ({"scaling": "spectrum", "periodic": True, "mode": "magnitude"}, "b91"), ({"scaling": None, "window": "hamming"}, "b91"), ({"frame_length": 5, "frame_step": None, "mode": "imag", "window": "blackman"}, "b91"),
        ({"frame_step": 6, "mode": "angle"}, "b92"), ({"frame_step": 1, **SAME, "mode": "psd", "expand_dims": True, **FIRST}, "b27"))],
    *[("MelSpectrogram", {**MEL, **o}, [s]) for o, s in (
        (NONE, ["b", 40]), (NONE, [25]), ({"power_to_db": False}, ["b", 33]), ({"mag_exp": 1.0, "window": "hamming", "power_to_db": False}, ["b", 33]), ({"sequence_length": 9, "mag_exp": 1.5}, ["b", 33]),
        ({"window": None, "top_db": 3.0}, ["b", 33]), ({"min_freq": 100.0, "max_freq": 300.0, "ref_power": -0.001, "min_power": 1e-4}, ["b", 33]), ({"sequence_stride": 16, "fft_length": 15}, ["b", 40]), ({"fft_length": 64, "num_mel_bins": 9}, ["b", 70]))],
    *[("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, **o}, ["bt"], NONE, "positional", "labels") for o in (NONE, {"mask_zero": True}, {"tie_weights": False})],
    *[("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, **o}, [s], {"reverse": True}) for o, s in (
        (NONE, "bt3"), ({"tie_weights": False}, "bt3"), ({"logit_soft_cap": 1.5}, "b3"), ({"reverse_dtype": "float32", "tie_weights": False, "logit_soft_cap": 0.5}, "b243"))],
    ("Pipeline", {"layers": PIPELINE}, ["b232"], NONE, "positional", "pixels"), ("Pipeline", {"layers": PIPELINE}, ["b232"], TEST, "positional", "pixels"),
    ("MaxNumBoundingBoxes", {"max_number": 3}, ["b343"], NONE, "positional", "pixels"),
]


def make(maker):
    for k, row in enumerate(TABLE):
        maker.add(f"{row[0]}/{k}", lambda: case(maker, *row))
