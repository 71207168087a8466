"""The whole loop on generated faces: plant faults, run every stage, compare planted with found.

faults   the two generated datasets and everything that is wrong with them
run      the loop, and the comparison
"""

from curate.demo.faults import Fault, Planted, plant
from curate.demo.run import Check, DemoResult, run_demo

__all__ = ["Check", "DemoResult", "Fault", "Planted", "plant", "run_demo"]
