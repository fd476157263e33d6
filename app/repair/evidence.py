"""Which files the failures name: what a fix may touch."""

from app.domain.diagnosis import Diagnosis


def evidence_files(diagnosis: Diagnosis) -> frozenset[str]:
    """Name the files that the failures name."""
    return frozenset(failure.file for reading in diagnosis.readings for failure in reading.failures if failure.file)
