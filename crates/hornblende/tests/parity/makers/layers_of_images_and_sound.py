"""Layers on images and sound, and those that have no other table. What is random has a range of one number here."""

from makers.layers import FIRST, NONE, SAME, case

FAMILY = "layers"
UNIT = {"value_range": [0, 1]}
TRAIN, TEST = {"training": True}, {"training": False}


def fixed(factor):
    return {"factor": [factor, factor]}


SPECTRUM = {"frame_length": 4, "frame_step": 2}
MODES = "log magnitude psd real imag angle stft".split()
MEL = {"fft_length": 16, "sequence_stride": 5, "sampling_rate": 1000, "num_mel_bins": 4}
PIPELINE = [{"class": "Rescaling", "config": {"scale": 0.5}}, {"class": "RandomBrightness", "config": {**fixed(0.1)}}]

# Class, configuration, letters of the inputs' shapes, and further: call, style, kind of the inputs.
TABLE = [
    *[("RandomHue", {**fixed(1.0), **o}, [s], call, "positional", kind) for o, s, call, kind in (
        (NONE, "2123", NONE, "pixels"), (UNIT, "2123", TRAIN, "unit"), (FIRST, "2312", NONE, "pixels"), (UNIT, "2123", TEST, "unit"))],
    *[("RandomSaturation", {**fixed(f), **o}, [s], NONE, "positional", kind) for f, o, s, kind in (
        (0.6, NONE, "2123", "pixels"), (0.3, UNIT, "2123", "unit"), (0.9, UNIT, "2123", "unit"), (0.5, FIRST, "2312", "pixels"), (1.0, NONE, "2123", "unit"), (-0.5, NONE, "2123", "pixels"))],
    *[("RandomSharpness", {**fixed(f), **o}, [s], NONE, "positional", kind) for f, o, s, kind in (
        (0.0, NONE, "2231", "pixels"), (0.7, NONE, "2231", "pixels"), (1.0, UNIT, "1143", "unit"), (0.2, FIRST, "2123", "pixels"), (0.2, NONE, "342", "pixels"))],
    *[("RandomPosterization", {**fixed(f), **o}, [s], NONE, "positional", kind) for f, o, s, kind in (
        (3, NONE, "1232", "pixels"), (8, NONE, "1232", "pixels"), (1, UNIT, "1232", "unit"), (5, FIRST, "1232", "pixels"))],
    *[("RandomColorJitter", o, [s], NONE, "positional", kind) for o, s, kind in (
        ({"brightness_factor": [0.1, 0.1], "saturation_factor": [0.6, 0.6], "hue_factor": [1.0, 1.0]}, "2123", "pixels"),
        ({"brightness_factor": [-0.1, -0.1], **UNIT}, "1232", "unit"), ({"brightness_factor": [0.2, 0.2], **FIRST}, "1232", "pixels"),
        ({"contrast_factor": 0.0, "hue_factor": [1.0, 1.0], **UNIT}, "2123", "unit"))],
    *[("RandomGaussianBlur", {**fixed(1.0), "sigma": [g, g], **o}, [s], NONE, "positional", kind) for g, o, s, kind in (
        (0.8, NONE, "1342", "pixels"), (1.0, {"kernel_size": [3, 5]}, "1342", "pixels"), (0.5, {"kernel_size": 5, **UNIT}, "1341", "unit"),
        (0.7, FIRST, "1234", "pixels"), (0.0, NONE, "1232", "pixels"))],
    *[("RandomErasing", {**fixed(f), "scale": [1.0, 1.0], **o}, [s], NONE, "positional", "pixels") for f, o, s in (
        (1.0, {"fill_value": 7.5}, "2123"), (1.0, {"fill_value": [1.0, 2.0, 300.0]}, "2123"), (0.0, NONE, "2123"), (1.0, {"fill_value": 3, **FIRST}, "2312"))],
    *[("RandomPerspective", {"scale": 0.0, **fixed(1.0), **o}, [s], NONE, "positional", "pixels") for o, s in (
        (NONE, "2231"), ({"interpolation": "nearest"}, "2231"), (FIRST, "2123"))], ("RandomPerspective", fixed(0.0), ["2231"]),
    ("RandomElasticTransform", fixed(0.0), ["2231"], NONE, "positional", "pixels"), ("RandomElasticTransform", {"scale": [0.0, 0.0]}, ["2231"], NONE, "positional", "pixels"),
    *[(c, o, ["1234"], NONE, "positional", "pixels") for c, o in (("MixUp", NONE), ("MixUp", {"alpha": 0.9}), ("CutMix", NONE), ("CutMix", fixed(0.3)))],
    ("RandAugment", {"num_ops": 0}, ["1213"], NONE, "positional", "pixels"), ("AugMix", {"chain_depth": 0}, ["1213"], NONE, "positional", "pixels"),
    *[(c, NONE if c not in ("RandomHue", "RandomSaturation", "RandomSharpness", "RandomPosterization") else {"factor": 1}, ["1213"], TEST, "positional", "pixels") for c in (
        "RandomHue", "RandomSaturation", "RandomSharpness", "RandomPosterization", "RandomColorJitter", "RandomGaussianBlur", "RandomErasing",
        "RandomElasticTransform", "RandomPerspective", "MixUp", "CutMix", "RandAugment", "AugMix", "Equalization")],
    *[("Equalization", o, [s], NONE, "positional", kind) for o, s, kind in (
        (NONE, "2232", "pixels"), (NONE, "2232", "bytes"), ({"bins": 16}, "2232", "pixels"), ({"bins": 5, **UNIT}, "2232", "unit"), (UNIT, "1341", "unit"),
        (FIRST, "2123", "bytes"), (NONE, "b112", "pixels"), ({"value_range": [-1, 1], "bins": 64}, "2232", "real"), ({"bins": 1}, "b231", "pixels"))],
    *[("ContrastLimitedAdaptiveHistogramEqualization", o, [s], call, "positional", kind) for o, s, call, kind in (
        (NONE, "1881", NONE, "pixels"), (NONE, "1991", NONE, "bytes"), ({"tile_grid_size": [2, 3]}, "1562", NONE, "pixels"), ({"tile_grid_size": [2, 2], "clip_limit": 0.0}, "1562", NONE, "pixels"),
        ({"tile_grid_size": [1, 1], **UNIT}, "2541", NONE, "unit"), ({"tile_grid_size": [3, 2], "clip_limit": 40.0, **FIRST}, "1267", NONE, "bytes"), ({"tile_grid_size": [2, 2]}, "562", TEST, "pixels"))],
    *[("STFTSpectrogram", {**SPECTRUM, "mode": m, **o}, [s]) for m in MODES for o, s in ((NONE, "152"), ({**SAME, "expand_dims": True}, "151"))],
    *[("STFTSpectrogram", {**SPECTRUM, **o}, [s]) for o, s in (
        (FIRST, "129"), ({"mode": "stft", "expand_dims": True, **FIRST, **SAME}, "129"), ({"window": None, "mode": "real"}, "152"), ({"fft_length": 6, "mode": "psd"}, "161"),
        ({"scaling": "spectrum", "periodic": True, "mode": "magnitude"}, "161"), ({"scaling": None, "window": "hamming"}, "161"), ({"frame_length": 3, "frame_step": None, "mode": "imag", "window": "blackman"}, "161"),
        ({"frame_step": 4, "mode": "angle"}, "152"), ({"frame_step": 1, **SAME, "mode": "psd", "expand_dims": True, **FIRST}, "b27"))],
    *[("MelSpectrogram", {**MEL, **o}, [s]) for o, s in (
        (NONE, [2, 24]), (NONE, [25]), ({"power_to_db": False}, [1, 25]), ({"mag_exp": 1.0, "window": "hamming", "power_to_db": False}, [1, 25]), ({"sequence_length": 9, "mag_exp": 1.5}, [1, 25]),
        ({"window": None, "top_db": 3.0}, [1, 25]), ({"min_freq": 100.0, "max_freq": 300.0, "ref_power": -0.001, "min_power": 1e-4}, [1, 25]), ({"sequence_stride": 16, "fft_length": 15}, [2, 24]), ({"fft_length": 64, "num_mel_bins": 5, "sequence_stride": 20}, [1, 40]))],
    *[("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, **o}, ["23"], NONE, "positional", "labels") for o in (NONE, {"mask_zero": True}, {"tie_weights": False})],
    *[("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, **o}, [s], {"reverse": True}) for o, s in (
        (NONE, "223"), ({"tie_weights": False}, "223"), ({"logit_soft_cap": 1.5}, "b3"), ({"reverse_dtype": "float32", "tie_weights": False, "logit_soft_cap": 0.5}, "1123"))],
    ("Pipeline", {"layers": PIPELINE}, ["1232"], NONE, "positional", "pixels"), ("Pipeline", {"layers": PIPELINE}, ["1232"], TEST, "positional", "pixels"),
    ("MaxNumBoundingBoxes", {"max_number": 3}, ["2232"], NONE, "positional", "pixels"),
]


def make(maker):
    for k, row in enumerate(TABLE):
        maker.add(f"{row[0]}/{k}", lambda: case(maker, *row))
