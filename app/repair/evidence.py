"""Which files the failures name: what a fix may touch."""

from app.domain.diagnosis import Diagnosis
from app.domain.failure.missing import missing_files


def evidence_files(diagnosis: Diagnosis) -> frozenset[str]:
    """Name the files that the failures name, and those that the logs say are missing, which a fix may create."""
    named = {failure.file for reading in diagnosis.readings for failure in reading.failures if failure.file}
    return frozenset(named).union(*(missing_files(reading.excerpt) for reading in diagnosis.readings))
