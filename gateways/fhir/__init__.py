"""FHIR R4 in and out: the only importer of `fhir.resources.R4B`."""
