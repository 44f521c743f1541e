"""How good a text is: scores against a ground truth, reports, and the gate of samples."""
