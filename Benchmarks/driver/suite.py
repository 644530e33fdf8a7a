"""The contests that a selection of models, configurations, threads and peers asks for."""

from functools import partial

from . import catalogue
from .catalogue import FIRST_STEP, PEERS, Configuration
from .contest import Contest


def contests(selection, workshop):
    """All contests in the order of the report's tables."""
    makers = {"training": training, "evaluation": evaluation, "first-step": first_step, "own": own}
    return [contest for section in catalogue.SECTIONS if section in selection.sections for contest in makers[section](selection, workshop)]


def chosen(selection, section):
    """(configuration, threads, model, peer) of a section."""
    for configuration in selection.configurations:
        for threads in selection.threads:
            for model in selection.models:
                for peer in (PEERS[name] for name in selection.peers):
                    if peer.section == section and model in peer.models and configuration.fits(model):
                        yield configuration, threads, model, peer


def training(selection, workshop):
    for configuration, threads, model, peer in chosen(selection, "training"):
        work = (model, configuration, threads, selection.steps or configuration.steps())
        yield Contest("training", model, configuration, threads, peer.title, partial(workshop.trains, peer, *work),
                      partial(workshop.ours, *work, venv=peer.venv))


def evaluation(selection, workshop):
    for configuration, threads, model, peer in chosen(selection, "evaluation"):
        # A process makes half as many evaluation passes as steps; these are the ones that count here.
        work = (model, configuration, threads, selection.steps or 2 * configuration.steps())
        yield Contest("evaluation", model, configuration, threads, peer.title, partial(workshop.evaluates, peer, *work),
                      partial(workshop.ours, *work, venv=peer.venv))


def first_step(selection, workshop):
    for peer in (PEERS[name] for name in selection.peers if PEERS[name].section == "first-step"):
        for model in (model for model in selection.models if model in peer.models):
            work = (model, FIRST_STEP, max(selection.threads))
            yield Contest("first-step", model, FIRST_STEP, max(selection.threads), peer.title, partial(workshop.first_step, peer, *work),
                          partial(workshop.our_first_step, *work))


def own(selection, workshop):
    """All threads against one, and 224x224 against 256x256 at the same batch size, a pixel."""
    threads = max(selection.threads)
    for configuration in selection.configurations:
        steps = selection.steps or configuration.steps()
        square = Configuration(256, configuration.batch_size)
        for model in (model for model in selection.models if configuration.fits(model)):
            ours = partial(workshop.ours, model, configuration, threads, steps)
            if threads > 1:
                yield Contest("threads", model, configuration, threads, "mvit-tui, 1 thread",
                              partial(workshop.ours, model, configuration, 1, steps), ours)
            if configuration.image_size == 224:
                yield Contest("odd maps", model, configuration, threads, f"mvit-tui, {square}",
                              partial(workshop.ours, model, square, threads, steps), ours)
