"""Work spread over processes, each with models of its own."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from photos import weights
from photos.domain.face import FaceFinder
from photos.domain.profile import Profile


@dataclass(frozen=True, eq=False)
class Bench:
    """What every photo is judged with."""

    finder: FaceFinder
    profile: Profile


_bench: list[Bench] = []  # this process's own, once it has been started as one of many


def spread[Item, Result](
    work: Callable[[Bench, Item], Result],
    items: Iterable[Item],
    *,
    models: Path,
    profile: Profile,
    processes: int,
) -> Iterator[Result]:
    """Yield the result of each piece of work in order; `work` must be a module's function.

    Raises `photos.weights.WeightError` for a missing or changed model.
    """
    loaded = weights.load_models(models)
    if processes == 1:
        bench = Bench(FaceFinder(loaded), profile)
        yield from (work(bench, item) for item in items)
        return
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_start, initargs=(loaded, profile)
    ) as pool:
        yield from pool.map(partial(_work, work), items)


def _start(models: dict[str, bytes], profile: Profile) -> None:
    _bench.append(Bench(FaceFinder(models), profile))


def _work[Item, Result](work: Callable[[Bench, Item], Result], item: Item) -> Result:
    return work(_bench[0], item)
