from .absence import Absence
from .category import Category
from .centre import CoordinationCentre, Membership, Role
from .dialogue import Message
from .endpoint import Endpoint
from .finding import Credibility, EvidenceType, Finding, Outcome, Reliability
from .log import LogEntry
from .notice import Notice
from .pages import ReportFormPage
from .referral import Agency, Referral
from .report import Channel, ContactMethod, Escalation, RejectReason, Report, Status, When
from .sealed import SealedText
from .settings import ReportingSettings
from .taken_down import Draft, Slip, TakenDown
from .telling import Telling

__all__ = [
    "Absence",
    "Agency",
    "Category",
    "Channel",
    "ContactMethod",
    "CoordinationCentre",
    "Credibility",
    "Draft",
    "Endpoint",
    "Escalation",
    "EvidenceType",
    "Finding",
    "LogEntry",
    "Membership",
    "Message",
    "Notice",
    "Outcome",
    "Referral",
    "RejectReason",
    "Reliability",
    "Report",
    "ReportFormPage",
    "ReportingSettings",
    "Role",
    "SealedText",
    "Slip",
    "Status",
    "TakenDown",
    "Telling",
    "When",
]
