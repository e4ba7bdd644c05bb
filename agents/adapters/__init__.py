"""What other libraries need to train on ``PolyProof-v0``; each module imports the library that it is for."""
