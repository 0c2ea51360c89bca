"""The names and code sets of FHIR R4 (4.0.1) that the R4B models do not carry."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    """Return the words of a text as a set; a list one a line would fill the page."""
    return frozenset(text.split())


#: The types that Cleanclaim acts on. Every other R4 type is kept raw.
USED_TYPES: Final = frozenset(
    {
        "Appointment",
        "ChargeItem",
        "Condition",
        "Coverage",
        "Encounter",
        "Location",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "RelatedPerson",
    }
)

#: All resource types of R4 4.0.1. Source: FHIR R4 resourcelist.html.
R4_TYPES: Final = _words(
    """
    Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse
    AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement
    CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse
    ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition
    Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
    CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest
    DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
    Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
    EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal
    GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
    ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice
    Library Linkage List Location Measure MeasureReport Media Medication MedicationAdministration
    MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement MedicinalProduct
    MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
    MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
    MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect
    MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder Observation
    ObservationDefinition OperationDefinition OperationOutcome Organization
    OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation Person
    PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire
    QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition
    ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter
    ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription
    Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
    SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
    TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription
    """
)

_ENCOUNTER_STATUS: Final = (
    "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
)

#: Code sets that the models cut short or leave out. Source: FHIR R4 required bindings.
REQUIRED_CODES: Final[dict[tuple[str, str], frozenset[str]]] = {
    (type_name, element): _words(codes)
    for type_name, element, codes in (
        ("Encounter", "status", _ENCOUNTER_STATUS),
        ("EncounterStatusHistory", "status", _ENCOUNTER_STATUS),
        ("AppointmentParticipant", "status", "accepted declined tentative needs-action"),
        ("AppointmentParticipant", "required", "required optional information-only"),
        ("EncounterLocation", "status", "planned active reserved completed"),
        ("HumanName", "use", "usual official temp nickname anonymous old maiden"),
        ("Identifier", "use", "usual official temp secondary old"),
        ("Address", "use", "home work temp old billing"),
        ("Address", "type", "postal physical both"),
        ("ContactPoint", "system", "phone fax email pager url sms other"),
        ("ContactPoint", "use", "home work temp old mobile"),
        ("PatientLink", "type", "replaced-by replaces refer seealso"),
        ("Narrative", "status", "generated extensions additional empty"),
    )
}

#: Bundle.type. Source: FHIR R4 Bundle.type.
BUNDLE_KINDS: Final = _words(
    "document message transaction transaction-response batch batch-response history searchset"
    " collection"
)

#: Kinds of Bundle that `POST [base]` and the command take in.
BUNDLE_KINDS_TAKEN: Final = frozenset({"transaction", "batch", "collection"})

#: Verbs that an entry may ask for; reads and deletes inside a Bundle are refused.
METHODS_TAKEN: Final = frozenset({"POST", "PUT"})
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
