"""Ask a model for a fix: show it the failure, let it look around, read its answer, fit its changes; each end is a stated result.

An answer of the wrong shape is sent back once with what is wrong, and so are changes that do not fit the files.
"""

import asyncio
from dataclasses import dataclass

from app.domain.model.answer import Answer, Misread, answer_schema, read_answer, spoken_call
from app.domain.model.context import choose
from app.domain.model.fit import fit
from app.domain.model.result import ModelResult, NoProposal, NoProposalKind, Proposed
from app.domain.model.talk import Message, Turn
from app.llm.conversation import Chat, Conversation
from app.llm.request import ModelRequest
from app.llm.source import Shelf
from app.llm.tools import NAMES, Toolbox
from app.wording import prompts


@dataclass(frozen=True, slots=True)
class _SentBack:
    """An answer that does not do: what it ends in the second time, and what the model is told the first time."""

    end: NoProposal
    words: str


async def propose(model: Chat, request: ModelRequest, toolbox: Toolbox | None = None) -> ModelResult:
    """Have a model propose a fix. ``toolbox`` is one over the request's source with the budget's limits, unless given."""
    budget = request.budget
    box = toolbox or Toolbox(Shelf(request.source), calls=budget.tool_calls, characters=budget.tool_characters)
    talk = Conversation(model, budget, answer_schema())
    talk.say(Message(role="system", content=prompts.system_prompt(talk.schema)))
    talk.say(Message(role="user", content=await asyncio.to_thread(_opening, request, box.shelf)))
    sent_back: set[NoProposalKind] = set()
    while True:
        turn = await talk.ask(box.offered() if talk.turns_left > 1 else (), box.used)
        if isinstance(turn, NoProposal):
            return turn
        if await _looked(talk, box, turn):
            continue
        outcome = await asyncio.to_thread(_judged, talk, box, turn)
        if not isinstance(outcome, _SentBack):
            return outcome
        if outcome.end.kind in sent_back:
            return outcome.end
        sent_back.add(outcome.end.kind)
        talk.say(Message(role="user", content=outcome.words))


def _opening(request: ModelRequest, shelf: Shelf) -> str:
    """Choose the context and write the request; reads files."""
    return prompts.user_prompt(
        readings=request.readings,
        context=choose(request.readings, shelf.paths, shelf.shown, request.context_tokens),
        commits=request.commits,
        earlier=request.earlier,
        similar=request.similar,
        hint=request.hint,
    )


async def _looked(talk: Conversation, box: Toolbox, turn: Turn) -> bool:
    """Carry out the tools that a turn asks for; tells whether it asked for any."""
    for call in turn.tool_calls:
        said = await asyncio.to_thread(box.answer, call)
        talk.say(Message(role="tool", content=said, tool_call_id=call.id))
    spoken = None if turn.tool_calls else spoken_call(turn.text, NAMES)
    if spoken is not None:
        talk.say(Message(role="user", content=await asyncio.to_thread(box.answer, spoken)))
    looked = bool(turn.tool_calls) or spoken is not None
    if looked and (box.spent or talk.turns_left <= 1):
        talk.say(Message(role="user", content=prompts.answer_now()))
    return looked


def _judged(talk: Conversation, box: Toolbox, turn: Turn) -> ModelResult | _SentBack:
    """Read an answer and fit its changes; reads files."""
    try:
        answer = read_answer(turn.text)
    except Misread as misread:
        sentence = f"The model's answer does not have the agreed shape: {misread}"
        return _SentBack(talk.end(NoProposalKind.MALFORMED, sentence), prompts.misread(misread.problems))
    if not answer.code_changes:
        return talk.end(NoProposalKind.NO_CHANGE, f"The model proposes no change: {answer.root_cause}")
    return _fitted(talk, box, answer)


def _fitted(talk: Conversation, box: Toolbox, answer: Answer) -> ModelResult | _SentBack:
    fitted = fit(answer.changes, box.shelf.exact, box.shelf.source.modes)
    if fitted.refusals:
        sentence = f"The model's change does not fit the files: {fitted.refusals[0].sentence}"
        return _SentBack(talk.end(NoProposalKind.MISFIT, sentence), prompts.misfits(fitted.refusals))
    if not fitted.edits:
        return talk.end(NoProposalKind.NO_CHANGE, "The model's changes leave every file as it is.")
    spent = talk.spent.after(tool_calls=box.used, seconds=talk.spent.seconds)
    return Proposed(edits=fitted.edits, answer=answer, spending=spent, transcript=talk.transcript, notes=fitted.notes)
