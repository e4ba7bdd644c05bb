from polyproof_gym import make_problem, stopping
from polyproof_gym.proofs.squares import Coordinates, Localisers, Relaxation


def test_a_request_to_stop_leaves_some_blocks() -> None:
    problem = make_problem("caprasse")
    localisers = Localisers(Coordinates(problem.ring), problem.minimised, problem.axioms)
    everything = tuple(range(problem.num_variables))
    blocks, _ = localisers.blocks(4, [everything])
    with stopping.time_limit(-1):
        fewer, equations = localisers.blocks(4, [everything, everything])
    assert 0 < len(fewer) < len(blocks)
    assert fewer == blocks[: len(fewer)]
    Relaxation(localisers.coordinates, problem.minimised, fewer, equations)
