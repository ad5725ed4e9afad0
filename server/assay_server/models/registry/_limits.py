"""How large, and how slow, a model may be."""

MANIFEST_BYTES = 4 << 20
"""The longest manifest, which is the only file of a model that a server parses before the trial."""

STATE_BYTES = 64 << 10
"""The longest state file."""

FILE_BYTES = {"estimator.skops": 512 << 20, "model.onnx": 256 << 20, "canaries.npy": 64 << 20}
"""The files that a model has besides its manifest, and the size of each at most."""

CANARIES = 1_000
"""How many canary rows there are at most."""

READING_SECONDS = 30
"""What reading a model may take of a processor in the trial."""

SCORING_SECONDS = 5
"""What scoring the canaries may take of a processor in the trial, in all forms of the model together."""

TRIAL_SECONDS = 60.0
"""How long the trial of a model may take by the clock, on a machine that is busy with other things."""

TRIAL_START_SECONDS = 120.0
"""How long the process of the trial may take to begin."""

TRIAL_MEMORY = 2 << 30
"""How many bytes of memory a model may take in the trial, beyond what the process needs without it."""

ROW_SECONDS = 0.1
"""What scoring one row may take of a processor, in the form that serves."""

BATCH_ROWS = 1_000
"""How many rows the trial scores at once, as they come in a large batch."""

STEPS = 200_000
"""How many comparisons a row may cost in all trees of a model together, on the longest path through each."""

PREVIOUS = 10
"""How many activations can be rolled back."""
