"""Further rows of training runs: layers, losses, metrics, optimizers, weights and callbacks beside the usual ones."""

L1L2 = {"class": "regularizers.L1L2", "config": {"l1": 0.01, "l2": 0.02}}
SPARSE = "sparse_categorical_crossentropy"


def rows(layer, model, optimizer, schedule):
    x, words = [("x", [6], "float32")], [("x", [5], "int32")]

    def classes(*layers, inputs=x):
        last = layers[-1]["name"]
        return model(inputs, [*layers, layer("out", "Dense", last, units=3, activation="softmax")], ["out"])

    def number(*layers, inputs=x, **out):
        return model(inputs, [*layers, layer("out", "Dense", layers[-1]["name"], units=1, **out)], ["out"])

    def sentences(*layers, zero=True):
        return classes(layer("words", "Embedding", "x", input_dim=8, output_dim=4, mask_zero=zero), *layers, inputs=words)

    hidden = layer("hidden", "Dense", "x", units=5, activation="swish")
    dense, coins = classes(hidden), number(hidden, activation="sigmoid")
    sgd = optimizer("SGD", learning_rate=0.05, momentum=0.9)
    rms = optimizer("RMSprop", learning_rate=0.02, centered=True, momentum=0.3)
    adam = optimizer("Adam", learning_rate=0.02, amsgrad=True)
    step = {"class": "LearningRateScheduler", "schedule": "lr * 0.5 if epoch % 2 == 1 else lr"}
    stop = {"class": "EarlyStopping", "config": {"monitor": "val_acc", "mode": "max", "patience": 1, "restore_best_weights": True}}
    plateau = {"class": "ReduceLROnPlateau", "config": {"monitor": "loss", "patience": 1, "factor": 0.3, "min_delta": 0.2, "cooldown": 1}}
    two = model(x, [layer("trunk", "Dense", "x", units=4, activation="relu"), layer("norm", "BatchNormalization", "trunk", momentum=0.8), layer("score", "Dense", "norm", units=2), layer("label", "Dense", "norm", units=3, activation="softmax")], ["score", "label"])
    coin_pair = model(x, [layer("left", "Dense", "x", units=1, activation="sigmoid"), layer("right", "Dense", "x", units=1, activation="sigmoid")], ["left", "right"])
    auc = {"class": "AUC", "config": {"num_thresholds": 9}}
    residual = model(x, [layer("a", "Dense", "x", units=6, activation="tanh"), layer("sum", "Add", ["x", "a"]), layer("a#2", "Dense", "sum", units=6, activation="tanh"), layer("norm", "LayerNormalization", "a"), layer("cat", "Concatenate", ["norm", "a#2", "x"]), layer("out", "Dense", "cat", units=3, activation="softmax", kernel_regularizer=L1L2)], ["out"])
    attention = model([("x", [5, 4], "float32"), ("m", [3, 4], "float32")], [layer("look", "Attention", ["x", "m"], use_scale=True), layer("flat", "Flatten", "look"), layer("out", "Dense", "flat", units=3, activation="softmax")], ["out"])
    image = [("x", [6, 6, 2], "float32")]
    nets = {
        "separable": classes(layer("conv", "SeparableConv2D", "x", filters=3, kernel_size=3, padding="same", activation="relu"), layer("norm", "BatchNormalization", "conv", epsilon=0.01), layer("pool", "GlobalMaxPooling2D", "norm"), inputs=image),
        "transposed": classes(layer("conv", "Conv2D", "x", filters=2, kernel_size=3, strides=2, padding="same"), layer("up", "Conv2DTranspose", "conv", filters=2, kernel_size=2, strides=2, activation="relu"), layer("pool", "AveragePooling2D", "up", pool_size=3), layer("flat", "Flatten", "pool"), inputs=image),
        "depthwise": classes(layer("conv", "DepthwiseConv2D", "x", kernel_size=3, depth_multiplier=2), layer("act", "PReLU", "conv", shared_axes=[1, 2]), layer("norm", "GroupNormalization", "act", groups=2), layer("flat", "Flatten", "norm"), inputs=image),
        "bidirectional": sentences(layer("rnn", "Bidirectional", "words", layer={"class": "GRU", "config": {"units": 2}})),
        "stacked": sentences(layer("one", "LSTM", "words", units=3, return_sequences=True), layer("two", "SimpleRNN", "one", units=3)),
        "averaged": sentences(layer("pool", "GlobalAveragePooling1D", "words")),
        "distributed": sentences(layer("each", "TimeDistributed", "words", layer={"class": "Dense", "config": {"units": 3, "activation": "relu"}}), layer("rnn", "GRU", "each", units=2, reset_after=False)),
        "convolved": sentences(layer("conv", "Conv1D", "words", filters=3, kernel_size=2, padding="causal"), layer("pool", "GlobalMaxPooling1D", "conv"), zero=False),
        "residual": residual, "frozen_norm": classes(hidden, layer("norm", "BatchNormalization", "hidden", trainable=False)),
        "noise": classes(layer("drop", "Dropout", "x", rate=0.0), layer("noise", "ActivityRegularization", "drop", l1=0.01), hidden | {"inbound": ["noise"]}),
        "constrained": classes(layer("hidden", "Dense", "x", units=5, kernel_constraint={"class": "constraints.MinMaxNorm", "config": {"min_value": 0.3, "max_value": 0.9, "rate": 0.7}}, bias_constraint={"class": "constraints.NonNeg", "config": {}}, kernel_regularizer={"class": "regularizers.OrthogonalRegularizer", "config": {"factor": 0.1}}, activity_regularizer=L1L2)),
    }
    return [
        *[(f"net_{name}", net, {"optimizer": opt, "loss": SPARSE, "metrics": ["acc"]}, {"epochs": 2}, ["sparse3"], {"validation"}) for (name, net), opt in zip(nets.items(), [sgd, adam, rms] * 4)],
        *[(f"words_{opt['class']}", nets["averaged"], {"optimizer": opt, "loss": SPARSE}, {"epochs": 2}, ["sparse3"], set()) for opt in (sgd, adam, rms, optimizer("Adagrad", learning_rate=0.1), optimizer("Ftrl", learning_rate=0.1, l1_regularization_strength=0.01), optimizer("Adam", learning_rate=0.1, clipnorm=0.1), optimizer("SGD", learning_rate=0.1, global_clipnorm=0.1), optimizer("Adam", weight_decay=0.1), optimizer("Nadam", learning_rate=0.05), optimizer("AdamW", learning_rate=0.05, use_ema=True), optimizer("RMSprop", gradient_accumulation_steps=2))],
        *[(f"loss_{k}", dense, {"optimizer": adam, "loss": {"class": c, "config": o}, "metrics": ["acc", {"class": "F1Score", "config": {"average": "macro"}}, {"class": "TopKCategoricalAccuracy", "config": {"k": 2}}]}, {"epochs": 2}, ["one_hot3"], set()) for k, (c, o) in enumerate((("CategoricalFocalCrossentropy", {"gamma": 1.0}), ("KLDivergence", {}), ("Dice", {}), ("Tversky", {"alpha": 0.3, "beta": 0.7}), ("CategoricalHinge", {}), ("CategoricalCrossentropy", {"reduction": "sum"})))],
        *[(f"coin_{c}", coins, {"optimizer": sgd, "loss": {"class": c, "config": o}, "metrics": ["accuracy", {"class": "AUC", "config": {"curve": "PR", "num_thresholds": 20}}, {"class": "TruePositives", "config": {}}, {"class": "PrecisionAtRecall", "config": {"recall": 0.5}}]}, {"epochs": 2, "class_weight": {"0": 0.5, "1": 2.0}}, ["coin"], {"validation"}) for c, o in (("BinaryCrossentropy", {"label_smoothing": 0.2}), ("BinaryFocalCrossentropy", {"apply_class_balancing": True}), ("Hinge", {}), ("SquaredHinge", {}), ("Poisson", {}))],
        *[(f"real_{m}", number(hidden), {"optimizer": rms, "loss": {"class": "MeanSquaredError", "config": {"reduction": "sum"}}, "metrics": [m, {"class": "R2Score", "config": {}}], "weighted_metrics": ["mse", {"class": "MeanAbsoluteError", "config": {"name": "own"}}]}, {"epochs": 2}, ["real"], {"weights", "validation"}) for m in ("mae", "MSE", "cosine_similarity", "hinge")],
        ("two_dict", two, {"optimizer": sgd, "loss": {"score": "mse", "label": SPARSE}, "loss_weights": {"score": 1.5, "label": 0.3}, "metrics": {"score": "mae", "label": ["acc", {"class": "SparseTopKCategoricalAccuracy", "config": {"k": 2, "name": "top"}}]}, "weighted_metrics": {"score": ["mse"]}}, {}, ["real2", "sparse3"], {"dict", "validation"}),
        ("two_list", two, {"optimizer": adam, "loss": [{"class": "Huber", "config": {"delta": 0.3}}, SPARSE], "metrics": [["mae", "mse"], []]}, {"batch_size": 5}, ["real2", "sparse3"], {"list", "validation"}),
        ("two_weighted_split", two, {"optimizer": sgd, "loss": ["mae", SPARSE], "weighted_metrics": [["mae"], ["acc"]]}, {"validation_split": 0.3}, ["real2", "sparse3"], {"list", "weights"}),
        ("two_unnamed", coin_pair, {"optimizer": sgd, "loss": "binary_crossentropy", "metrics": [[auc, {"class": "Precision", "config": {}}], [auc, "AUC", auc]], "weighted_metrics": [["mae"], [auc]]}, {"epochs": 1}, ["coin", "coin"], {"list", "weights"}),
        ("attention", attention, {"optimizer": adam, "loss": SPARSE}, {}, ["sparse3"], {"list"}),
        ("split_weights", dense, {"optimizer": sgd, "loss": SPARSE, "weighted_metrics": ["acc"]}, {"validation_split": 0.2, "validation_freq": 2, "epochs": 4, "batch_size": 7}, ["sparse3"], {"weights"}),
        ("split_class_weight", dense, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {"validation_split": 0.4, "class_weight": {"0": 2.0, "2": 0.5}}, ["sparse3"], set()),
        ("small_batches", dense, {"optimizer": optimizer("SGD", learning_rate=schedule("PolynomialDecay", initial_learning_rate=0.2, decay_steps=20)), "loss": SPARSE, "metrics": ["acc"]}, {"batch_size": 1, "epochs": 1}, ["sparse3"], {"validation"}),
        ("one_batch", dense, {"optimizer": optimizer("Lion", learning_rate=0.01), "loss": SPARSE, "metrics": ["Accuracy", "acc"]}, {"batch_size": 100, "epochs": 5, "validation_batch_size": 4}, ["sparse3"], {"validation"}),
        ("steps", dense, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {"steps_per_epoch": 1, "epochs": 2, "validation_steps": 1}, ["sparse3"], {"validation"}),
        ("tag_weights", sentences(layer("rnn", "LSTM", "words", units=3, return_sequences=True)), {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"], "weighted_metrics": ["acc"]}, {}, ["tags3"], {"weights_t"}),
        ("callbacks_schedule", dense, {"optimizer": adam, "loss": SPARSE, "metrics": ["acc"]}, {"epochs": 5, "callbacks": [step]}, ["sparse3"], {"validation"}),
        ("callbacks_stop", dense, {"optimizer": sgd, "loss": SPARSE, "metrics": ["acc"]}, {"epochs": 6, "callbacks": [plateau, stop]}, ["sparse3"], {"validation"}),
        ("callbacks_plateau", dense, {"optimizer": rms, "loss": SPARSE}, {"epochs": 6, "callbacks": [plateau]}, ["sparse3"], set()),
        *[(f"own_{name}", dense, {"optimizer": optimizer(name, **o), "loss": SPARSE}, {"epochs": 3}, ["sparse3"], set()) for name, o in (("Muon", {"learning_rate": 0.01}), ("ScheduleFreeAdamW", {"learning_rate": 0.02, "warmup_steps": 2}), ("Adafactor", {"learning_rate": 0.05}), ("Nadam", {"learning_rate": 0.02, "weight_decay": 0.1}), ("LossScaleOptimizer", {"inner_optimizer": optimizer("SGD", learning_rate=0.1), "initial_scale": 8.0, "dynamic_growth_steps": 2}))],
    ]
