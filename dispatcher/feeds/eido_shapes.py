"""The shape of an EIDO document (NENA-STA-021.1, EIDO 1.0): its components, their fields, which must be there.

Facts of the standard in a table of our own; a test holds it against the official schema where that is at hand. Fields
that the table does not know are allowed, as in the standard; of the NIEM components, which we do not read, only
that they may be there is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value."""

    name: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of ``item``."""

    item: Kind | Component
    least: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """An object; ``name`` is a line of `COMPONENTS`."""

    name: str


Value = Kind | ListOf | Component

TEXT: Final = Kind("text")
INSTANT: Final = Kind("instant")
WHOLE: Final = Kind("whole number")
YES_NO: Final = Kind("yes or no")
ANYTHING: Final = Kind("anything")
LEVEL: Final = Kind("text", ("highest", "high", "normal", "low", "lowest"))
REFERENCE: Final = Component("Reference")
TEXTS: Final = ListOf(TEXT)
REFERENCES: Final = ListOf(REFERENCE)
LEGS: Final = ListOf(Component("CallLegState"))


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a component, and those that must be there."""

    required: frozenset[str]
    fields: Mapping[str, Value]


_PROLOGUE: Final[Mapping[str, Value]] = {
    "$id": TEXT,
    "lastUpdateTimeStamp": INSTANT,
    "updatedByAgencyReference": REFERENCE,
    "updatedByAgentReference": REFERENCE,
    "AlternateValueReferences": REFERENCES,
    "externalInformationSourceReferences": REFERENCES,
    "mediaReferences": REFERENCES,
}
_ALWAYS: Final = frozenset({"$id", "lastUpdateTimeStamp", "updatedByAgencyReference"})


def _shape(required: str = "", **fields: Value) -> Shape:
    return Shape(_ALWAYS | frozenset(required.split()), {**_PROLOGUE, **fields})


def _fields(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """Names that are no identifiers in Python."""
    return fields


COMPONENTS: Final[Mapping[str, Shape]] = {
    "Reference": Shape(frozenset({"$ref"}), {"$ref": TEXT}),
    "Context": Shape(
        frozenset(), {"@vocab": Kind("text", ("./JSON-LD_Contexts/EmergencyIncidentDataObjectType.jsonld",))}
    ),
    "Agency": _shape(
        "agencyRoleDescriptionRegistryText agencyType",
        agencyJcard=TEXT,
        agencyRoleDescriptionRegistryText=TEXTS,
        agencyType=TEXTS,
        notesReference=REFERENCES,
        incidentOwningAgencyIndicator=YES_NO,
        actingOnBehalfOfAgencyReference=REFERENCES,
        agencyCallLegState=LEGS,
    ),
    "Agent": _shape(
        "agentRoleRegistryText agencyReference",
        agentJcard=TEXT,
        agentWorkstationPositionIdentification=TEXT,
        agentRoleRegistryText=ListOf(TEXT, 1),
        agencyReference=REFERENCE,
        notesReference=REFERENCES,
        agentCallLegState=LEGS,
    ),
    "CallLegState": _shape("callReference callStateRegistryText", callReference=REFERENCE, callStateRegistryText=TEXT),
    "MergeInformation": _shape(
        "incidentMergeDirectionCode incidentTrackingIdentifier",
        incidentTrackingIdentifier=TEXT,
        incidentMergeDirectionCode=Kind("text", ("REPLACING", "REPLACED", "SPLIT")),
    ),
    "LinkInformation": _shape(
        "incidentTrackingIdentifier linkDirectionCode",
        incidentTrackingIdentifier=TEXT,
        transactionReasonText=TEXT,
        involvedAgencyReference=REFERENCE,
        linkDirectionCode=Kind("text", ("PARENT", "CHILD", "RELATED", "UNLINK")),
    ),
    "Notes": _shape(
        "notesActionComments", notesActionComments=TEXT, agentReference=REFERENCE, cautionReference=REFERENCES
    ),
    "AdditionalData": _shape(
        additionalDataByReferenceUrl=TEXT,
        additionalDataByValue=TEXT,
        additionalDataDereferencedFromReference=REFERENCE,
        urlPurpose=TEXT,
        notesReference=REFERENCES,
        cautionReference=REFERENCES,
    ),
    "LocationInformation": _shape(
        "locationTypeDescriptionRegistryText",
        locationTypeDescriptionRegistryText=TEXT,
        locationByValue=TEXT,
        locationByReferenceUrl=TEXT,
        locationDereferencedFromReference=REFERENCE,
        locationDescriptionText=TEXT,
        crossStreetByValue=TEXTS,
        crossStreetByReferenceUrl=TEXTS,
        intersectingStreetByValue=TEXTS,
        intersectingStreetByReferenceUrl=TEXTS,
        cellTowerSectorId=TEXT,
        additionalDataReference=REFERENCES,
        localIdentifier=TEXTS,
        notesReference=REFERENCES,
    ),
    "PersonInformation": _shape(
        "personIncidentRoleRegistryText",
        ncPersonComponent=ANYTHING,
        personIncidentRoleRegistryText=TEXTS,
        callIdentifier=TEXTS,
        locationReference=REFERENCES,
        destinationReference=REFERENCE,
        eta=INSTANT,
        notesReference=REFERENCES,
        additionalDataReference=REFERENCES,
        callBackReference=REFERENCE,
        personCallLegState=LEGS,
        itemReference=REFERENCES,
    ),
    "VehicleInformation": _shape(
        "vehicleRelationshipType vehicleRelationshipTimeStamp",
        ncVehicleComponent=ANYTHING,
        vehicleRelationshipType=ListOf(TEXT, 1),
        vehicleRelationshipTimeStamp=INSTANT,
        additionalDataReference=REFERENCES,
        locationReference=REFERENCES,
        destinationReference=REFERENCE,
        eta=INSTANT,
        notesReference=REFERENCES,
        jCommercialVehicleComponent=ANYTHING,
        itemReference=REFERENCES,
    ),
    "Disposition": _shape(
        "dispositionCommonRegistryCode",
        dispositionCommonRegistryCode=TEXT,
        dispositionPrimaryIndicator=YES_NO,
        dispositionCategoryText=TEXT,
        dispositionDescriptionText=TEXT,
        notesReference=REFERENCES,
    ),
    "IncidentInformation": _shape(
        "incidentTypeCommonRegistryText",
        incidentTypeInternalCode=TEXT,
        incidentTypeInternalText=TEXT,
        incidentTypeCommonRegistryText=TEXT,
        incidentStatusInternalText=TEXTS,
        incidentStatusCommonRegistryText=TEXTS,
        internalIncidentId=TEXT,
        agentReference=REFERENCES,
        locationReference=REFERENCES,
        personReference=REFERENCES,
        organizationReference=REFERENCES,
        vehicleReference=REFERENCES,
        documentIdentification=TEXTS,
        reportNumberType=TEXT,
        incidentPriorityInternalText=TEXT,
        incidentCommonPriorityNumber=WHOLE,
        beatOrDispatchGroupText=TEXT,
        dispositionComponent=ListOf(Component("Disposition")),
        notesReference=REFERENCES,
    ),
    "UpdatedCBN": _shape("updatedCbnIdentifierUri", updatedCbnIdentifierUri=TEXT, updatedCbnCallerDescription=TEXT),
    "CallInformation": _shape(
        "callStateRegistryText standardPrimaryCallType direction callStartTimestamp",
        relatedCallIdentifier=TEXTS,
        queueIdentifier=TEXT,
        standardPrimaryCallType=TEXT,
        standardSecondaryCallType=TEXT,
        localCallType=TEXT,
        direction=Kind("text", ("incoming", "outgoing", "internal")),
        priorityIdentifier=LEVEL,
        additionalDataReference=REFERENCES,
        callStartTimestamp=INSTANT,
        answerDate=INSTANT,
        callStateRegistryText=TEXT,
        agentReference=REFERENCES,
        callBackReference=REFERENCE,
        verstat=TEXT,
        sipIdentity=TEXT,
        locationReference=REFERENCES,
        notesReference=REFERENCES,
        personReference=REFERENCES,
        organizationReference=REFERENCES,
        agencyReference=REFERENCES,
    ),
    "Callback": _shape(callBackInformationUri=TEXTS, deviceContactHeader=TEXT, updatedCbn=Component("UpdatedCBN")),
    "EmergencyResource": _shape(
        "agentReference emergencyResourceTypeCommonRegistryText primaryUnitStatusRegistryText "
        "resourceAttributeRegistryText secondaryUnitStatusRegistryText",
        emergencyResourceTypeCommonRegistryText=TEXT,
        emergencyResourceTypeInternalText=TEXT,
        resourceAttributeRegistryText=TEXTS,
        resourceAttributeInternalText=TEXTS,
        emergencyResourceName=TEXT,
        primaryUnitStatusRegistryText=TEXT,
        secondaryUnitStatusRegistryText=TEXTS,
        notesReference=REFERENCES,
        unitStatusInternal=TEXTS,
        agentReference=REFERENCES,
        unitLocationReference=REFERENCE,
        unitDestinationReference=REFERENCE,
        eta=INSTANT,
        personReference=REFERENCES,
        vehicleReference=REFERENCES,
        itemReference=REFERENCES,
        activeOnIncidentId=TEXT,
        stackedOnIncidentId=TEXTS,
    ),
    "DispatchInformation": _shape(
        agencyReference=REFERENCE,
        agentReference=REFERENCE,
        emergencyResourceReference=REFERENCES,
        notesReference=REFERENCES,
    ),
    "AlarmsSensors": _shape(
        csaaAlarmInformation=TEXT, alarmUrl=TEXT, agentReference=REFERENCE, notesReference=REFERENCES
    ),
    "Media": _shape("uri contentType", uri=TEXT, contentType=TEXT, label=TEXT),
    "SharedCommunicationResource": _shape(
        "sharedCommunicationResourceType",
        sharedCommunicationResourceType=TEXT,
        sharedCommunicationResourceByReferenceUrl=TEXT,
        sharedCommunicationResourceByValue=TEXT,
        connectedSharedCommunicationResources=REFERENCES,
        notesReference=REFERENCES,
    ),
    "ExternalInformationSource": _shape(
        "externalSourceRegistryText", externalSourceRegistryText=TEXT, externalSourceAcessString=TEXT
    ),
    "Caution": _shape(
        "cautionTypeInternalText cautionTypeCommonRegistryText cautionSeverity",
        cautionTypeInternalText=TEXT,
        cautionTypeCommonRegistryText=TEXT,
        cautionTypeCommonSubRegistryText=TEXTS,
        cautionSeverity=LEVEL,
        cautionSource=TEXT,
        startDate=INSTANT,
    ),
    "EmergencyIncidentDataObject": _shape(
        "eidoVersion issuingElementIdentification agencyComponent",
        **_fields(
            {
                "eidoVersion": Kind("text", ("1.0",)),
                "eidoExtensionId": TEXTS,
                "issuingElementIdentification": TEXT,
                "mergeComponent": ListOf(Component("MergeInformation")),
                "linkComponent": ListOf(Component("LinkInformation")),
                "incidentComponent": Component("IncidentInformation"),
                "callComponent": ListOf(Component("CallInformation")),
                "callbackComponent": ListOf(Component("Callback")),
                "dispatchComponent": ListOf(Component("DispatchInformation")),
                "notesComponent": ListOf(Component("Notes")),
                "emergencyResourceComponent": ListOf(Component("EmergencyResource")),
                "alarmsSensorsComponent": ListOf(Component("AlarmsSensors")),
                "agencyComponent": ListOf(Component("Agency")),
                "agentComponent": ListOf(Component("Agent")),
                "additionalDataComponent": ListOf(Component("AdditionalData")),
                "locationComponent": ListOf(Component("LocationInformation")),
                "personComponent": ListOf(Component("PersonInformation")),
                "vehicleComponent": ListOf(Component("VehicleInformation")),
                "cautionComponent": ListOf(Component("Caution")),
                "mediaComponent": ListOf(Component("Media")),
                "sharedCommunicationResourceComponent": ListOf(Component("SharedCommunicationResource")),
                "externalInformationSourceComponent": ListOf(Component("ExternalInformationSource")),
                "@context": Component("Context"),
            }
        ),
    ),
}
"""Every component that a document can hold, by the standard's name without "Type"."""

DOCUMENT: Final = Component("EmergencyIncidentDataObject")
