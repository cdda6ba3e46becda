"""Still further rows of training runs: how options of compile and fit work together, and layers that feed on several others."""

SPARSE = "sparse_categorical_crossentropy"


def rows(layer, model, optimizer, schedule):
    x, words = [("x", [6], "float32")], [("x", [5], "int32")]

    def classes(*layers, inputs=x):
        return model(inputs, [*layers, layer("out", "Dense", layers[-1]["name"], units=3, activation="softmax")], ["out"])

    def tagged(*layers):
        return classes(layer("words", "Embedding", "x", input_dim=8, output_dim=4, mask_zero=True), *layers, inputs=words)

    def made(kind, name, **config):
        return {"class": name, "config": {"name": kind, **config}} if kind else {"class": name, "config": config}

    hidden = layer("hidden", "Dense", "x", units=5, activation="elu")
    dense = classes(hidden)
    coins = model(x, [hidden, layer("out", "Dense", "hidden", units=1, activation="sigmoid")], ["out"])
    number = model(x, [hidden, layer("out", "Dense", "hidden", units=1)], ["out"])
    pair = model(x, [hidden, layer("out", "Dense", "hidden", units=2)], ["out"])
    tags = tagged(layer("rnn", "SimpleRNN", "words", units=4, return_sequences=True))
    three = model([("a", [4], "float32"), ("b", [3], "float32")], [
        layer("left", "Dense", "a", units=4, activation="relu"), layer("right", "Dense", "b", units=4, activation="tanh"),
        layer("both", "Multiply", ["left", "right"]), layer("gap", "Subtract", ["left", "right"]), layer("all", "Concatenate", ["both", "gap", "b"]),
        layer("score", "Dense", "all", units=2, kernel_regularizer={"class": "regularizers.L1", "config": {"l1": 0.01}}),
        layer("coin", "Dense", "both", units=1, activation="sigmoid"), layer("label", "Dense", "all", units=3, activation="softmax"),
    ], ["coin", "score", "label"])
    both = model(x, [layer("p", "Dense", "x", units=2), layer("q", "Dense", "x", units=2)], ["p", "q"])
    sgd, adam = optimizer("SGD", learning_rate=0.1), optimizer("Adam", learning_rate=0.02)
    kinds = ["coin", "real2", "sparse3"]
    losses = ["binary_crossentropy", "mse", SPARSE]
    crossentropy = {"class": "SparseCategoricalCrossentropy", "config": {"ignore_class": 1}}
    rates = {
        "Exponential": schedule("ExponentialDecay", initial_learning_rate=0.2, decay_steps=3, decay_rate=0.5, staircase=True),
        "Inverse": schedule("InverseTimeDecay", initial_learning_rate=0.2, decay_steps=2, decay_rate=0.7),
        "Piecewise": schedule("PiecewiseConstantDecay", boundaries=[2, 5], values=[0.2, 0.1, 0.02]),
        "Restarts": schedule("CosineDecayRestarts", initial_learning_rate=0.2, first_decay_steps=3, t_mul=1.5, m_mul=0.8),
        "Warm": schedule("CosineDecay", initial_learning_rate=0.0, decay_steps=5, warmup_target=0.2, warmup_steps=3),
    }
    return [
        ("three_list", three, {"optimizer": adam, "loss": losses, "loss_weights": [1.0, 0.5, 0.2], "metrics": [["accuracy"], ["mae"], ["accuracy"]], "weighted_metrics": [[], ["mse"], ["accuracy"]]}, {"batch_size": 6}, kinds, {"list", "weights", "validation"}),
        ("three_dict", three, {"optimizer": sgd, "loss": dict(zip(("coin", "score", "label"), losses)), "metrics": {"coin": ["accuracy", made(None, "AUC")], "label": ["accuracy"]}}, {"validation_split": 0.25}, kinds, {"dict"}),
        ("three_same", three, {"optimizer": sgd, "loss": losses, "metrics": [[made("m", "MeanSquaredError")], [made("m", "MeanSquaredError")], []]}, {"epochs": 2}, kinds, {"list", "validation"}),
        ("steps_over", dense, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {"steps_per_epoch": 2, "epochs": 4}, ["sparse3"], {"validation"}),
        ("steps_many", dense, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {"steps_per_epoch": 9, "epochs": 2, "validation_steps": 7}, ["sparse3"], {"validation"}),
        ("steps_batches", dense, {"optimizer": adam, "loss": SPARSE}, {"epochs": 3, "validation_steps": 2, "validation_batch_size": 2, "validation_freq": 3}, ["sparse3"], {"validation"}),
        ("epochs_from", dense, {"optimizer": optimizer("SGD", learning_rate=rates["Inverse"]), "loss": SPARSE}, {"epochs": 5, "initial_epoch": 3, "callbacks": []}, ["sparse3"], {"validation"}),
        *[(f"rate_{name}", dense, {"optimizer": optimizer("SGD", learning_rate=rate, momentum=0.5), "loss": SPARSE}, {"epochs": 2}, ["sparse3"], set()) for name, rate in rates.items()],
        ("ignored", dense, {"optimizer": sgd, "loss": crossentropy, "metrics": ["acc"], "weighted_metrics": ["acc"]}, {}, ["sparse3"], {"validation"}),
        ("ignored_weights", dense, {"optimizer": sgd, "loss": crossentropy, "weighted_metrics": [made("own", "SparseCategoricalCrossentropy")]}, {}, ["sparse3"], {"weights", "validation"}),
        *[(f"reduced_{r}", number, {"optimizer": optimizer("SGD", learning_rate=0.01), "loss": {"class": "MeanAbsoluteError", "config": {"reduction": r}}, "metrics": ["mse"]}, {"epochs": 2}, ["real"], {"weights"}) for r in ("sum", "mean", "mean_with_sample_weight")],
        ("tags_masked", tags, {"optimizer": adam, "loss": SPARSE, "metrics": ["acc", made("top", "SparseTopKCategoricalAccuracy", k=2)], "weighted_metrics": ["acc", made("top", "SparseTopKCategoricalAccuracy", k=2)]}, {}, ["tags3"], {"validation"}),
        ("tags_weighted", tags, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"], "weighted_metrics": [made("ce", "SparseCategoricalCrossentropy")]}, {"validation_split": 0.3}, ["tags3"], {"weights_t"}),
        ("tags_normal", tagged(layer("norm", "BatchNormalization", "words"), layer("rnn", "LSTM", "norm", units=3, return_sequences=True)), {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {}, ["tags3"], {"validation"}),
        ("class_weight_one_hot", dense, {"optimizer": adam, "loss": "categorical_crossentropy", "metrics": ["acc"], "weighted_metrics": ["acc", "mse"]}, {"class_weight": {"0": 2.0, "1": 0.1, "2": 1.0}}, ["one_hot3"], {"validation"}),
        ("class_weight_coin", coins, {"optimizer": sgd, "loss": "binary_crossentropy", "weighted_metrics": ["accuracy", made(None, "AUC", num_thresholds=11)]}, {"class_weight": {"0": 0.2, "1": 3.0}, "validation_split": 0.3}, ["coin"], set()),
        *[(f"metric_{k}", dense, {"optimizer": adam, "loss": "categorical_crossentropy", "metrics": metrics}, {"epochs": 2}, ["one_hot3"], {"validation"}) for k, metrics in enumerate((
            [made("iou", "OneHotMeanIoU", num_classes=3), made("one", "OneHotIoU", num_classes=3, target_class_ids=[1])],
            [made("f", "FBetaScore", beta=2.0, average="weighted"), made("f1", "F1Score", average="micro", threshold=0.4)],
            [made("auc", "AUC", multi_label=True, num_labels=3, num_thresholds=8), made(None, "PrecisionAtRecall", recall=0.4, num_thresholds=9)],
            [made(None, "Precision", top_k=1, class_id=2), made(None, "FalseNegatives"), made(None, "Recall", class_id=0)],
            ["mse", "mae", "kl_divergence", "poisson", "cosine_similarity", "top_k_categorical_accuracy"],
        ))],
        *[(f"metric_real_{k}", pair, {"optimizer": sgd, "loss": {"class": "Huber", "config": {"delta": 0.5}}, "metrics": metrics}, {"epochs": 2}, ["real2"], {"validation"}) for k, metrics in enumerate((
            [made("r2", "R2Score", class_aggregation="variance_weighted_average"), made(None, "RootMeanSquaredError")],
            [made(None, "PearsonCorrelation"), made(None, "ConcordanceCorrelation"), made(None, "CosineSimilarity", axis=0)],
            ["mape", "msle", "mean_squared_error", made(None, "LogCoshError"), made("own", "MeanAbsolutePercentageError")],
        ))],
        *[(f"options_{k}", dense, {"optimizer": optimizer(name, **o), "loss": SPARSE}, {"epochs": 3}, ["sparse3"], {"validation"}) for k, (name, o) in enumerate((
            ("SGD", {"learning_rate": 0.2, "clipvalue": 0.02, "momentum": 0.4}), ("Adam", {"learning_rate": 0.05, "use_ema": True, "ema_momentum": 0.5, "weight_decay": 0.1, "clipnorm": 0.2}),
            ("Lion", {"learning_rate": 0.01, "weight_decay": 0.2, "gradient_accumulation_steps": 3}), ("RMSprop", {"learning_rate": 0.02, "use_ema": True, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 2}),
            ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0}), ("Adamax", {"learning_rate": 0.05, "global_clipnorm": 0.1}), ("Adadelta", {"learning_rate": 1.0, "rho": 0.8}),
            ("Lamb", {"learning_rate": 0.05, "weight_decay": 0.05}), ("Adafactor", {"relative_step": False, "learning_rate": 0.05, "beta_2_decay": -0.6, "clip_threshold": 0.7}), ("Muon", {"learning_rate": 0.02, "nesterov": False, "weight_decay": 0.0}),
            ("Ftrl", {"learning_rate": 0.2, "learning_rate_power": -0.7, "l2_regularization_strength": 0.1, "beta": 0.1}),
        ))],
        *[(f"form_{k}", dense, {"optimizer": sgd, **arguments}, {"epochs": 2}, ["sparse3"], {"validation"}) for k, arguments in enumerate((
            {"loss": {"out": SPARSE}, "metrics": {"out": ["acc"]}}, {"loss": [SPARSE], "metrics": [["acc", "mse"]], "loss_weights": [0.5]}, {"loss": SPARSE, "loss_weights": 0.5},
            {"loss": SPARSE, "loss_weights": {"out": 0.5}}, {"loss": SPARSE, "metrics": ["acc", "acc", "accuracy"], "weighted_metrics": ["acc", "acc"]},
        ))],
        *[(f"forms_{k}", both, {"optimizer": sgd, **arguments}, {"epochs": 2}, ["real2", "real2"], {"list", "validation"}) for k, arguments in enumerate((
            {"loss": "mse", "loss_weights": 0.5}, {"loss": "mse", "metrics": ["mae", "mse"]}, {"loss": "mse", "metrics": ["mae", ["mse", "mape"]]}, {"loss": ["mse", "mae"], "metrics": [None, ["mse"]]},
            {"loss": ["mse", None], "metrics": [["mae"], ["mse"]]}, {"loss": {"p": "mse", "q": "mae"}, "loss_weights": [0.1, 2.0], "metrics": {"q": "mse"}}, {"loss": ["mse", "mae"], "loss_weights": {"p": 0.1, "q": 2.0}},
            {"loss": "mse", "metrics": [["mae", "mae"], ["mae"]], "weighted_metrics": [["mae", "mae"], []]},
        ))],
        ("callbacks_several", dense, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {"epochs": 8, "callbacks": [
            {"class": "LearningRateScheduler", "schedule": "0.2 / (epoch + 1)"}, {"class": "ReduceLROnPlateau", "config": {"monitor": "val_loss", "patience": 0, "factor": 0.5, "min_delta": 0.5}},
            {"class": "EarlyStopping", "config": {"monitor": "val_loss", "min_delta": 0.05, "patience": 2, "restore_best_weights": True, "start_from_epoch": 1}}]}, ["sparse3"], {"validation"}),
        ("callbacks_baseline", dense, {"optimizer": adam, "loss": SPARSE, "metrics": ["acc"]}, {"epochs": 6, "callbacks": [{"class": "EarlyStopping", "config": {"monitor": "acc", "mode": "max", "baseline": 0.99, "patience": 3, "restore_best_weights": True}}]}, ["sparse3"], set()),
        ("validation_after", dense, {"optimizer": adam, "loss": SPARSE}, {"epochs": 4, "validation_freq": [1, 4]}, ["sparse3"], {"validation"}),
        ("callbacks_freq", dense, {"optimizer": adam, "loss": SPARSE}, {"epochs": 6, "validation_freq": 2, "callbacks": [{"class": "EarlyStopping", "config": {"monitor": "val_loss", "patience": 1, "min_delta": 10.0}}]}, ["sparse3"], {"validation"}),
    ]
