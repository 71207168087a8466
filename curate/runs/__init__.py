"""What a trained run leaves behind: on the machine that trained it, its folder in `.curate/runs/`.

history        the epochs of a training
folder         the state to go on from, the model, its history and its predictions
keras_backend  Keras on whichever backend is there, and the device
model          the model of a run, loaded back as a classifier
browse         the scored runs of a version, with their curves
"""
