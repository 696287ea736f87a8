from .category import Category
from .centre import CoordinationCentre, Membership, Role
from .finding import Credibility, EvidenceType, Finding, Outcome, Reliability
from .log import LogEntry
from .notice import Notice
from .pages import ReportFormPage
from .referral import Agency, Referral
from .report import Channel, Escalation, RejectReason, Report, Status
from .sealed import SealedText
from .settings import ReportingSettings
from .when import When

__all__ = [
    "Agency",
    "Category",
    "Channel",
    "CoordinationCentre",
    "Credibility",
    "Escalation",
    "EvidenceType",
    "Finding",
    "LogEntry",
    "Membership",
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
    "Status",
    "When",
]
