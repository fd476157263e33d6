"""The model fixer within the repair: what it is told, and what is kept of it.

It sees the failing jobs, the source, the commits since the last green run, and every candidate that did not do, with the log of
its own CI run. Each candidate starts from the failing commit, never from another candidate. What was sent and received is kept,
redacted.
"""

from dataclasses import dataclass
from typing import Any

from app.domain.candidate import Candidate
from app.domain.diagnosis import Diagnosis, JobReading
from app.domain.ids import task_id
from app.domain.incident import Incident, Surroundings
from app.domain.model.context import choose, since_green
from app.domain.model.earlier import Earlier
from app.domain.model.result import ModelResult, NoProposal, Proposed
from app.fixers.proposal import Proposal
from app.github.source import Source
from app.llm.model import Model
from app.llm.propose import propose
from app.llm.request import ModelRequest
from app.llm.source import Shelf
from app.repair.evidence import evidence_files
from app.repair.kept import keep, kept, needed
from app.services import Services
from storage import candidates

KIND = "model"  # of the artifact that holds what was asked and answered, by the candidate's number
NEW_LOG = "new_readings"  # what the log of a candidate's own CI run says, by the candidate's id


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One conversation with the model: how it ended, what it cost, and all of it."""

    end: str  # "proposed", or why there is no proposal
    sentence: str
    model: str
    turns: int
    prompt_tokens: int
    completion_tokens: int
    usd: str
    priced: bool
    transcript: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()


async def ask(
    services: Services, model: Model, incident: Incident, diagnosis: Diagnosis, source: Source, number: int
) -> Proposal | NoProposal:
    """Ask the model for a candidate; what was said is kept whatever the end."""
    around = await needed(services, incident.id, "surroundings", Surroundings)
    request = ModelRequest(
        readings=diagnosis.readings,
        source=source,
        commits=since_green(around.history, incident.run.workflow_id),
        earlier=await _earlier(services, incident.id),
        budget=services.model_budget,
    )
    result = await propose(model, request)
    await keep(services, incident.id, KIND, _asked(model.access.name, result), name=str(number))
    return result if isinstance(result, NoProposal) else _proposal(model.access.name, result, diagnosis, source)


async def _earlier(services: Services, incident_id: str) -> tuple[Earlier, ...]:
    async with services.db.read() as tx:
        tried = await candidates.candidates_of(tx, task_id(incident_id))
    return tuple([await _as_earlier(services, one) for one in tried])


async def _as_earlier(services: Services, candidate: Candidate) -> Earlier:
    readings = await kept(services, candidate.incident_id, NEW_LOG, tuple[JobReading, ...], name=candidate.id)
    return Earlier(
        number=candidate.number,
        title=candidate.title,
        edits=candidate.edits,
        refusals=tuple(gate.sentence for gate in candidate.gates if not gate.passed),
        verdict=candidate.verdict,
        readings=readings or (),
    )


def _asked(model: str, result: ModelResult) -> Asked:
    spent = result.spending
    if isinstance(result, Proposed):
        end, sentence, notes = "proposed", result.answer.root_cause, result.notes
    else:
        end, sentence, notes = result.kind.value, result.sentence, ()
    return Asked(
        end=end,
        sentence=sentence,
        model=model,
        turns=spent.turns,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        usd=str(spent.usd),
        priced=spent.priced,
        transcript=result.transcript,
        notes=notes,
    )


def _proposal(model: str, result: Proposed, diagnosis: Diagnosis, source: Source) -> Proposal:
    answer, shelf = result.answer, Shelf(source)
    shown = choose(diagnosis.readings, shelf.paths, shelf.shown)
    reasons = [change.explanation for change in answer.code_changes if change.explanation]
    return Proposal(
        origin=model,
        title=answer.immediate_fix.description,
        explanation="\n".join([answer.root_cause, *reasons, *result.notes]),
        confidence=answer.confidence,
        edits=result.edits,
        targets=evidence_files(diagnosis) | {passage.path for passage in shown.passages},
    )
