"""One resource of each type that we act on, with every element that R4 (4.0.1) gives it.

Written from the R4 pages of the types, not from the R4B models: it is the proof that what an R4
server may send is read. Order and names as in the specification.
"""

from __future__ import annotations

from typing import Any, Final

CODE: Final = {"coding": [{"system": "urn:x", "code": "1", "display": "One"}], "text": "One"}
PERIOD: Final = {"start": "2026-01-01", "end": "2026-12-31T23:59:59Z"}
PERSON: Final = {
    "use": "official",
    "text": "Ana Lopez",
    "family": "Lopez",
    "given": ["Ana", "Maria"],
    "prefix": ["Ms."],
    "suffix": ["III"],
    "period": PERIOD,
}
ADDRESS: Final = {
    "use": "home",
    "type": "both",
    "text": "1 Main",
    "line": ["1 Main"],
    "city": "Boston",
    "district": "Suffolk",
    "state": "MA",
    "postalCode": "02110",
    "country": "US",
    "period": PERIOD,
}
PHONE: Final = {
    "system": "phone",
    "value": "6175550100",
    "use": "mobile",
    "rank": 1,
    "period": PERIOD,
}
PHOTO: Final = {"contentType": "image/png", "url": "https://example.org/x.png", "size": 3}
NOTE: Final = {"authorString": "A", "time": "2026-01-01T00:00:00Z", "text": "Note"}
MONEY: Final = {"value": 12.5, "currency": "USD"}
HOURS: Final = [{"daysOfWeek": ["mon"], "allDay": False, "openingTime": "08:00:00"}]


def ref(to: str) -> dict[str, Any]:
    """Return a reference with a display."""
    return {"reference": to, "display": "It"}


ID: Final = {
    "use": "usual",
    "type": CODE,
    "system": "urn:x",
    "value": "1",
    "period": PERIOD,
    "assigner": ref("Organization/1"),
}

COMMON: Final[dict[str, Any]] = {
    "id": "a-1",
    "meta": {
        "versionId": "1",
        "lastUpdated": "2026-01-01T00:00:00.000Z",
        "source": "urn:x",
        "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"],
        "security": [{"system": "urn:x", "code": "N"}],
        "tag": [{"system": "urn:x", "code": "t"}],
    },
    "implicitRules": "urn:x",
    "language": "en-US",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A</div>'},
    "contained": [{"resourceType": "Organization", "id": "c1", "name": "Inside"}],
    "extension": [{"url": "urn:x", "valueString": "y"}],
    "modifierExtension": [{"url": "urn:x", "valueBoolean": True}],
}

RESOURCES: Final[dict[str, dict[str, Any]]] = {
    "Patient": {
        "identifier": [ID],
        "active": True,
        "name": [PERSON],
        "telecom": [PHONE],
        "gender": "female",
        "birthDate": "1980-02-29",
        "_birthDate": {"extension": [{"url": "urn:x", "valueDateTime": "1980-02-29T01:00:00Z"}]},
        "deceasedDateTime": "2026-01-01",
        "address": [ADDRESS],
        "maritalStatus": CODE,
        "multipleBirthInteger": 2,
        "photo": [PHOTO],
        "contact": [
            {
                "relationship": [CODE],
                "name": PERSON,
                "telecom": [PHONE],
                "address": ADDRESS,
                "gender": "male",
                "organization": ref("Organization/1"),
                "period": PERIOD,
            }
        ],
        "communication": [{"language": CODE, "preferred": True}],
        "generalPractitioner": [ref("Practitioner/1")],
        "managingOrganization": ref("Organization/1"),
        "link": [{"other": ref("Patient/2"), "type": "replaces"}],
    },
    "Coverage": {
        "identifier": [ID],
        "status": "active",
        "type": CODE,
        "policyHolder": ref("Patient/1"),
        "subscriber": ref("RelatedPerson/1"),
        "subscriberId": "W1",
        "beneficiary": ref("Patient/1"),
        "dependent": "01",
        "relationship": CODE,
        "period": PERIOD,
        "payor": [ref("Organization/1")],
        "class": [{"type": CODE, "value": "G1", "name": "Group"}],
        "order": 1,
        "network": "N",
        "costToBeneficiary": [
            {
                "type": CODE,
                "valueMoney": MONEY,
                "exception": [{"type": CODE, "period": PERIOD}],
            }
        ],
        "subrogation": False,
        "contract": [ref("Contract/1")],
    },
    "RelatedPerson": {
        "identifier": [ID],
        "active": True,
        "patient": ref("Patient/1"),
        "relationship": [CODE],
        "name": [PERSON],
        "telecom": [PHONE],
        "gender": "other",
        "birthDate": "1980",
        "address": [ADDRESS],
        "photo": [PHOTO],
        "period": PERIOD,
        "communication": [{"language": CODE, "preferred": True}],
    },
    "Practitioner": {
        "identifier": [ID],
        "active": True,
        "name": [PERSON],
        "telecom": [PHONE],
        "address": [ADDRESS],
        "gender": "unknown",
        "birthDate": "1980-01",
        "photo": [PHOTO],
        "qualification": [
            {"identifier": [ID], "code": CODE, "period": PERIOD, "issuer": ref("Organization/1")}
        ],
        "communication": [CODE],
    },
    "PractitionerRole": {
        "identifier": [ID],
        "active": True,
        "period": PERIOD,
        "practitioner": ref("Practitioner/1"),
        "organization": ref("Organization/1"),
        "code": [CODE],
        "specialty": [CODE],
        "location": [ref("Location/1")],
        "healthcareService": [ref("HealthcareService/1")],
        "telecom": [PHONE],
        "availableTime": [
            {"daysOfWeek": ["mon"], "availableStartTime": "08:00:00", "allDay": False}
        ],
        "notAvailable": [{"description": "Holiday", "during": PERIOD}],
        "availabilityExceptions": "None",
        "endpoint": [ref("Endpoint/1")],
    },
    "Organization": {
        "identifier": [ID],
        "active": True,
        "type": [CODE],
        "name": "Org",
        "alias": ["O"],
        "telecom": [PHONE],
        "address": [ADDRESS],
        "partOf": ref("Organization/2"),
        "contact": [{"purpose": CODE, "name": PERSON, "telecom": [PHONE], "address": ADDRESS}],
        "endpoint": [ref("Endpoint/1")],
    },
    "Location": {
        "identifier": [ID],
        "status": "active",
        "operationalStatus": {"system": "urn:x", "code": "O"},
        "name": "Main",
        "alias": ["M"],
        "description": "Front",
        "mode": "instance",
        "type": [CODE],
        "telecom": [PHONE],
        "address": ADDRESS,
        "physicalType": CODE,
        "position": {"longitude": -71.1, "latitude": 42.3, "altitude": 0},
        "managingOrganization": ref("Organization/1"),
        "partOf": ref("Location/2"),
        "hoursOfOperation": HOURS,
        "availabilityExceptions": "None",
        "endpoint": [ref("Endpoint/1")],
    },
    "Appointment": {
        "identifier": [ID],
        "status": "booked",
        "cancelationReason": CODE,
        "serviceCategory": [CODE],
        "serviceType": [CODE],
        "specialty": [CODE],
        "appointmentType": CODE,
        "reasonCode": [CODE],
        "reasonReference": [ref("Condition/1")],
        "priority": 1,
        "description": "Visit",
        "supportingInformation": [ref("Condition/1")],
        "start": "2026-09-15T09:00:00-04:00",
        "end": "2026-09-15T09:20:00-04:00",
        "minutesDuration": 20,
        "slot": [ref("Slot/1")],
        "created": "2026-09-01",
        "comment": "c",
        "patientInstruction": "p",
        "basedOn": [ref("ServiceRequest/1")],
        "participant": [
            {
                "type": [CODE],
                "actor": ref("Patient/1"),
                "required": "required",
                "status": "accepted",
                "period": PERIOD,
            }
        ],
        "requestedPeriod": [PERIOD],
    },
    "Encounter": {
        "identifier": [ID],
        "status": "finished",
        "statusHistory": [{"status": "arrived", "period": PERIOD}],
        "class": {"system": "urn:x", "code": "AMB"},
        "classHistory": [{"class": {"code": "AMB"}, "period": PERIOD}],
        "type": [CODE],
        "serviceType": CODE,
        "priority": CODE,
        "subject": ref("Patient/1"),
        "episodeOfCare": [ref("EpisodeOfCare/1")],
        "basedOn": [ref("ServiceRequest/1")],
        "participant": [{"type": [CODE], "period": PERIOD, "individual": ref("Practitioner/1")}],
        "appointment": [ref("Appointment/1")],
        "period": PERIOD,
        "length": {
            "value": 20,
            "unit": "min",
            "system": "http://unitsofmeasure.org",
            "code": "min",
        },
        "reasonCode": [CODE],
        "reasonReference": [ref("Condition/1")],
        "diagnosis": [{"condition": ref("Condition/1"), "use": CODE, "rank": 1}],
        "account": [ref("Account/1")],
        "hospitalization": {
            "preAdmissionIdentifier": ID,
            "origin": ref("Location/1"),
            "admitSource": CODE,
            "reAdmission": CODE,
            "dietPreference": [CODE],
            "specialCourtesy": [CODE],
            "specialArrangement": [CODE],
            "destination": ref("Location/1"),
            "dischargeDisposition": CODE,
        },
        "location": [
            {
                "location": ref("Location/1"),
                "status": "completed",
                "physicalType": CODE,
                "period": PERIOD,
            }
        ],
        "serviceProvider": ref("Organization/1"),
        "partOf": ref("Encounter/2"),
    },
    "Condition": {
        "identifier": [ID],
        "clinicalStatus": CODE,
        "verificationStatus": CODE,
        "category": [CODE],
        "severity": CODE,
        "code": CODE,
        "bodySite": [CODE],
        "subject": ref("Patient/1"),
        "encounter": ref("Encounter/1"),
        "onsetDateTime": "2026-01",
        "abatementString": "soon",
        "recordedDate": "2026-01-01",
        "recorder": ref("Practitioner/1"),
        "asserter": ref("Practitioner/1"),
        "stage": [{"summary": CODE, "assessment": [ref("Observation/1")], "type": CODE}],
        "evidence": [{"code": [CODE], "detail": [ref("Observation/1")]}],
        "note": [NOTE],
    },
    "Procedure": {
        "identifier": [ID],
        "instantiatesCanonical": ["http://example.org/p"],
        "instantiatesUri": ["urn:x"],
        "basedOn": [ref("ServiceRequest/1")],
        "partOf": [ref("Procedure/2")],
        "status": "completed",
        "statusReason": CODE,
        "category": CODE,
        "code": CODE,
        "subject": ref("Patient/1"),
        "encounter": ref("Encounter/1"),
        "performedPeriod": PERIOD,
        "recorder": ref("Practitioner/1"),
        "asserter": ref("Practitioner/1"),
        "performer": [
            {
                "function": CODE,
                "actor": ref("Practitioner/1"),
                "onBehalfOf": ref("Organization/1"),
            }
        ],
        "location": ref("Location/1"),
        "reasonCode": [CODE],
        "reasonReference": [ref("Condition/1")],
        "bodySite": [CODE],
        "outcome": CODE,
        "report": [ref("DiagnosticReport/1")],
        "complication": [CODE],
        "complicationDetail": [ref("Condition/1")],
        "followUp": [CODE],
        "note": [NOTE],
        "focalDevice": [{"action": CODE, "manipulated": ref("Device/1")}],
        "usedReference": [ref("Device/1")],
        "usedCode": [CODE],
    },
    "ChargeItem": {
        "identifier": [ID],
        "definitionUri": ["urn:x"],
        "definitionCanonical": ["http://example.org/d"],
        "status": "billable",
        "partOf": [ref("ChargeItem/2")],
        "code": CODE,
        "subject": ref("Patient/1"),
        "context": ref("Encounter/1"),
        "occurrenceDateTime": "2026-09-15",
        "performer": [{"function": CODE, "actor": ref("Practitioner/1")}],
        "performingOrganization": ref("Organization/1"),
        "requestingOrganization": ref("Organization/1"),
        "costCenter": ref("Organization/1"),
        "quantity": {"value": 2},
        "bodysite": [CODE],
        "factorOverride": 0.8,
        "priceOverride": MONEY,
        "overrideReason": "r",
        "enterer": ref("Practitioner/1"),
        "enteredDate": "2026-09-15T10:00:00Z",
        "reason": [CODE],
        "service": [ref("Procedure/1")],
        "productReference": ref("Medication/1"),
        "account": [ref("Account/1")],
        "note": [NOTE],
        "supportingInformation": [ref("Observation/1")],
    },
}


def make_resource(name: str, **changes: object) -> dict[str, Any]:
    """Return the full resource of a type; a change to None leaves the element out."""
    whole = {"resourceType": name} | COMMON | RESOURCES[name] | changes
    return {key: value for key, value in whole.items() if value is not None}
