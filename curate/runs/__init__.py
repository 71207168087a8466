"""What a trained run leaves behind: on the machine that trained it, its folder in `.curate/runs/`.

history     one epoch of a training
folder      the state to go on from, the model, its history and its predictions
browse      the scored runs of a version, with their curves
"""
